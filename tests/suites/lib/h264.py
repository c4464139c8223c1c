#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""H.264 byte streams: take them apart into NAL units and access units, and back.

usage: h264.py captions CLIP.mp4 CLIP.264 OUT
       h264.py damage CLIPS DIR
The first puts CEA-708 captions into CLIP.264, which has the pictures of CLIP.mp4,
and writes to OUT what each frame has to carry, in the order of output. The second
puts damaged copies of CLIPS, the folder that clips-h264.sh made, into DIR, and
prints for each how many frames at its end are not affected, and its name.
"""

import os
import random
import shutil
import subprocess
import sys

SLICE, PARTITION_A, IDR, SEI, SPS, PPS, DELIMITER = 1, 2, 5, 6, 7, 8, 9
START_CODE = b"\0\0\0\1"


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


def is_slice(unit):
    """Is this NAL unit a slice?"""
    return nal_type(unit) in (SLICE, IDR)


def without(units, *kinds):
    """UNITS without those of KINDS."""
    return [unit for unit in units if nal_type(unit) not in kinds]


def damaged(clip):
    """Yields (name of the damage, clip, number of exact frames at its end, NAL units)."""
    pyramid, opengop, refresh, mbaff, four = (
        access_units(split(clip(name)))
        for name in ("pyramid", "opengop", "refresh", "mbafftff", "cavlc"))
    rng = random.Random(1)

    def broken(pictures, first, last, change):
        """CHANGE the NAL units of the access units from FIRST to LAST."""
        return pictures[:first] + [change(p) for p in pictures[first:last]] + pictures[last:]

    # IDR pictures at 0, 12, 24, 36; recovery points without IDR every 9 or 12.
    yield "started-in-mid-gop", "pyramid", 36, pyramid[5:]
    yield "started-at-b", "pyramid", 12, pyramid[27:]
    yield "started-in-mid-gop-open", "opengop", 18, [without(opengop[0], IDR)] + opengop[5:]
    yield "started-in-mid-refresh", "refresh", 12, [without(refresh[0], IDR)] + refresh[5:]
    yield "started-in-mid-gop-mbaff", "mbafftff", 24, mbaff[5:]
    yield "lost-idr", "pyramid", 24, pyramid[:12] + pyramid[13:]
    yield "lost-pictures", "pyramid", 24, pyramid[:2] + pyramid[5:14] + pyramid[17:]
    yield "lost-reference-open", "opengop", 18, opengop[:10] + opengop[11:]
    yield "lost-pictures-mbaff", "mbafftff", 12, mbaff[:2] + mbaff[4:14] + mbaff[15:]
    yield "lost-sps", "pyramid", 36, broken(pyramid, 0, 12, lambda p: without(p, SPS))
    yield "lost-pps", "pyramid", 36, broken(pyramid, 0, 12, lambda p: without(p, PPS))
    yield "lost-slices", "cavlc", 12, broken(
        four, 0, 24, lambda p: [u for u in p if not is_slice(u) or rng.random() > 0.2])
    yield "truncated-slices", "pyramid", 24, broken(
        pyramid, 3, 20, lambda p: [u[:len(u) // 2] if is_slice(u) else u for u in p])
    yield "noise-in-slices", "pyramid", 24, broken(
        pyramid, 3, 20, lambda p: [u[:9] + rng.randbytes(len(u) - 9) if is_slice(u) and len(u) > 9
                                   else u for u in p])
    yield "noise-in-parameter-sets", "pyramid", 24, broken(
        pyramid, 12, 13, lambda p: [u[:4] + rng.randbytes(len(u) - 4)
                                    if nal_type(u) in (SPS, PPS) else u for u in p])
    yield "noise-between", "pyramid", 24, broken(
        pyramid, 3, 20, lambda p: p + [bytes([SLICE]) + rng.randbytes(300)])


def damage(clips, folder):
    """Write all damaged copies, each with the reference MD5s of its clip."""
    def clip(name):
        with open(os.path.join(clips, f"{name}.264"), "rb") as file:
            return file.read()

    for what, name, exact, pictures in damaged(clip):
        with open(os.path.join(folder, f"{what}.264"), "wb") as file:
            file.write(join([unit for picture in pictures for unit in picture]))
        shutil.copy(os.path.join(clips, f"{name}.md5"), os.path.join(folder, f"{what}.md5"))
        print(exact, what)


def main():
    """One of the two commands."""
    if len(sys.argv) == 4 and sys.argv[1] == "damage":
        damage(*sys.argv[2:])
        return
    if len(sys.argv) != 5 or sys.argv[1] != "captions":
        sys.exit(__doc__)
    answer = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "packet=pts", "-of",
                             "default=noprint_wrappers=1:nokey=1", sys.argv[2]],
                            check=True, stdout=subprocess.PIPE, text=True).stdout
    add_captions([int(line) for line in answer.split()], sys.argv[3], sys.argv[4])


if __name__ == "__main__":
    main()
