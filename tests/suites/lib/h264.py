#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""H.264 byte streams: take them apart into NAL units and access units, and back.

usage: h264.py captions CLIP.mp4 CLIP.264 OUT
Puts CEA-708 captions into CLIP.264, which has the pictures of CLIP.mp4, and
writes to OUT what each frame has to carry, in the order of output.
"""

import subprocess
import sys

SLICE, PARTITION_A, IDR, SEI, SPS, PPS, DELIMITER = 1, 2, 5, 6, 7, 8, 9
START_CODE = b"\0\0\0\1"


class Bits:
    """Writes bits, most significant first."""

    def __init__(self):
        self.bits = []

    def put(self, value, count):
        """Append the COUNT low bits of VALUE: u(n)."""
        self.bits += [value >> i & 1 for i in reversed(range(count))]
        return self

    def unsigned(self, value):
        """Append ue(v), 9.1 of the standard."""
        length = (value + 1).bit_length()
        return self.put(0, length - 1).put(value + 1, length)

    def trailing(self):
        """Append rbsp_trailing_bits()."""
        return self.put(1, 1).put(0, -len(self.bits) % 8)

    def data(self):
        """The bytes, padded with zeros."""
        padded = self.bits + [0] * (-len(self.bits) % 8)
        return bytes(sum(bit << 7 - i for i, bit in enumerate(padded[at:at + 8]))
                     for at in range(0, len(padded), 8))


def nal(header, rbsp):
    """A NAL unit: its first byte, and RBSP with emulation prevention bytes (7.4.1)."""
    out, zeros = bytearray([header]), 0
    for byte in rbsp:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = 0 if byte else zeros + 1
    return bytes(out)


def nal_type(unit):
    """nal_unit_type, 0 if there is no byte."""
    return unit[0] & 31 if unit else 0


def split(data):
    """The NAL units of a byte stream, without start codes and trailing zeros."""
    units, start = [], data.find(b"\0\0\1")
    while start >= 0:
        end = data.find(b"\0\0\1", start + 3)
        units.append(data[start + 3:end if end >= 0 else None].rstrip(b"\0"))
        start = end
    return units


def join(units):
    """A byte stream."""
    return b"".join(START_CODE + unit for unit in units)


def access_units(units):
    """Lists of NAL units: each ends with the slices of its picture.

    A slice starts a picture when its first_mb_in_slice is 0, so this is for
    streams that keep the order of macroblocks.
    """
    found, current, has_slice = [], [], False
    for unit in units:
        kind = nal_type(unit)
        is_slice = kind in (SLICE, PARTITION_A, IDR)
        starts = unit[1] & 0x80 if is_slice and len(unit) > 1 else SEI <= kind <= DELIMITER
        if has_slice and starts:
            found.append(current)
            current, has_slice = [], False
        current.append(unit)
        has_slice |= is_slice
    return found + [current] if current else found


def caption_sei(triplets):
    """user_data_registered_itu_t_t35() with cc_data() of ATSC A/53 part 4."""
    payload = b"\xb5\x00\x31GA94\x03" + bytes([0xc0 | len(triplets) // 3, 0xff]) + \
        triplets + b"\xff"
    return nal(SEI, bytes([4, len(payload)]) + payload + b"\x80")


def add_captions(times, path, out):
    """Number the access units of PATH with captions; TIMES are theirs."""
    with open(path, "rb") as file:
        pictures = access_units(split(file.read()))
    if len(pictures) != len(times):
        sys.exit(f"h264.py: {len(pictures)} access units, {len(times)} packets")
    captions, units = [], []
    for number, picture in enumerate(pictures):
        # One triplet of field 1 and one DTVCC packet's start.
        text = bytes([0xfc, 0x80 | number, 0x55, 0xff, number, 0xaa])
        captions.append(text)
        first = next(i for i, unit in enumerate(picture) if nal_type(unit) in (SLICE, IDR))
        units += picture[:first] + [caption_sei(text)] + picture[first:]
    with open(path, "wb") as file:
        file.write(join(units))
    with open(out, "w", encoding="ascii") as file:
        for _, text in sorted(zip(times, captions)):
            file.write(text.hex() + "\n")


def main():
    """The one command."""
    if len(sys.argv) != 5 or sys.argv[1] != "captions":
        sys.exit(__doc__)
    answer = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "packet=pts", "-of",
                             "default=noprint_wrappers=1:nokey=1", sys.argv[2]],
                            check=True, stdout=subprocess.PIPE, text=True).stdout
    add_captions([int(line) for line in answer.split()], sys.argv[3], sys.argv[4])


if __name__ == "__main__":
    main()
