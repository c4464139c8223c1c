#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""H.264 byte streams: take them apart into NAL units and access units, and back.

usage: h264.py captions CLIP.mp4 CLIP.264 OUT
       h264.py damage CLIPS DIR
       h264.py grain CLIP.264
       h264.py long-lists CLIP.264
       h264.py mix A.264 B.264 OUT.264
The first puts CEA-708 captions into CLIP.264, which has the pictures of CLIP.mp4,
and writes to OUT what each frame has to carry, in the order of output. The second
puts damaged copies of CLIPS, the folder that clips-h264.sh made, into DIR, and
prints for each how many frames at its end are not affected, and its name. "grain"
puts a film grain message before each IDR picture. "long-lists" gives list 0 of P slices
with two references in CABAC a third entry, "no reference picture", that no macroblock
uses. "mix" takes the slices of two streams with the same parameter sets by turns.
"""

import os
import random
import shutil
import subprocess
import sys

from bits import Bits, Reader

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


def rbsp(unit):
    """The RBSP of a NAL unit without its first byte (7.3.1)."""
    out, zeros = bytearray(), 0
    for byte in unit[1:]:
        if zeros >= 2 and byte == 3:
            zeros = 0
            continue
        out.append(byte)
        zeros = 0 if byte else zeros + 1
    return bytes(out)


def grain_sei():
    """A recovery point and film_grain_characteristics() with grain in luma, D.1.8 and D.1.20.

    A decoder must not lose the first because of the second, so both are in one NAL unit.
    """
    grain = Bits().put(0, 1).put(0, 2).put(0, 1).put(0, 2).put(2, 4).put(4, 3)
    grain.put(0, 8).put(2, 3).put(0, 8).put(255, 8)
    for value in (100, 8, 8):
        grain.unsigned(2 * value - 1)       # se(v)
    payload = grain.unsigned(1).trailing().data()
    recovery = Bits().unsigned(0).put(1, 1).put(0, 3).trailing().data()
    return nal(SEI, bytes([6, len(recovery)]) + recovery +
               bytes([19, len(payload)]) + payload + b"\x80")


def add_grain(units):
    """Film grain before each IDR picture."""
    out = []
    for unit in units:
        if nal_type(unit) == IDR and unit[1] & 0x80:
            out.append(grain_sei())
        out.append(unit)
    return out


def sps_sizes(unit):
    """(bits of frame_num, pic_order_cnt_type, bits of pic_order_cnt_lsb) of x264's SPS."""
    bits = Reader(rbsp(unit))
    profile = bits.get(24) >> 16
    bits.unsigned()
    if profile >= 100:
        for _ in range(3):
            bits.unsigned()
        bits.get(2)
    frame_num, order = bits.unsigned() + 4, bits.unsigned()
    return frame_num, order, bits.unsigned() + 4 if order == 0 else 0


def lengthen(unit, sizes):
    """A P slice with two references gets a third entry in list 0: 010 becomes 011."""
    frame_num, order, lsb = sizes
    data = bytearray(rbsp(unit))
    bits = Reader(data)
    bits.unsigned()
    if bits.unsigned() % 5:
        return unit, 0
    bits.unsigned()
    bits.get(frame_num + (lsb if order == 0 else 0))
    if not bits.get(1) or bits.unsigned() != 1:
        return unit, 0
    data[(bits.at - 1) // 8] |= 1 << 7 - (bits.at - 1) % 8
    return nal(unit[0], data), 1


def long_lists(units):
    """Longer lists for P slices; at least five."""
    sizes = sps_sizes(next(unit for unit in units if nal_type(unit) == SPS))
    changed = [lengthen(unit, sizes) if nal_type(unit) == SLICE else (unit, 0) for unit in units]
    if sum(number for _, number in changed) < 5:
        sys.exit("h264.py: too few P slices with two references")
    return [unit for unit, _ in changed]


def mix(first, second):
    """The slices of two streams by turns; in the next picture the other one begins."""
    out, turn = [], 0
    first, second = access_units(first), access_units(second)
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        turn = number
        for a, b in zip(without(one, SEI), without(other, SEI), strict=True):
            if nal_type(a) in (SPS, PPS) and a != b:
                sys.exit("h264.py: the parameter sets differ")
            out.append(b if turn % 2 and is_slice(a) else a)
            turn += is_slice(a)
    return out


def is_slice(unit):
    """Is this NAL unit a slice?"""
    return nal_type(unit) in (SLICE, IDR)


def without(units, *kinds):
    """UNITS without those of KINDS."""
    return [unit for unit in units if nal_type(unit) not in kinds]


def damaged(clip):
    """Yields (name of the damage, clip, number of exact frames at its end, NAL units)."""
    pyramid, opengop, refresh, refreshb, mbaff, four = (
        access_units(split(clip(name)))
        for name in ("pyramid", "opengop", "refresh", "refreshb", "mbafftff", "cavlc"))
    rng = random.Random(1)

    def broken(pictures, first, last, change):
        """CHANGE the NAL units of the access units from FIRST to LAST."""
        return pictures[:first] + [change(p) for p in pictures[first:last]] + pictures[last:]

    # IDR pictures at 0, 12, 24, 36; recovery points without IDR every 9 or 12.
    yield "started-in-mid-gop", "pyramid", 36, pyramid[5:]
    yield "started-at-b", "pyramid", 12, pyramid[27:]
    yield "started-in-mid-gop-open", "opengop", 18, [without(opengop[0], IDR)] + opengop[5:]
    yield "started-in-mid-refresh", "refresh", 12, [without(refresh[0], IDR)] + refresh[5:]
    yield "started-in-mid-refresh-b", "refreshb", 36, [without(refreshb[0], IDR)] + refreshb[5:]
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


def change(function, *paths):
    """Write to the last path what FUNCTION makes of the NAL units of the others."""
    def units(path):
        with open(path, "rb") as file:
            return split(file.read())

    data = join(function(*(units(path) for path in paths[:-1])))
    with open(paths[-1], "wb") as file:
        file.write(data)


def main():
    """One of the commands."""
    command, args = " ".join(sys.argv[1:2]), sys.argv[2:]
    if command == "damage" and len(args) == 2:
        damage(*args)
        return
    if command == "mix" and len(args) == 3:
        change(mix, *args)
        return
    if command in ("grain", "long-lists") and len(args) == 1:
        change(add_grain if command == "grain" else long_lists, args[0], args[0])
        return
    if len(sys.argv) != 5 or sys.argv[1] != "captions":
        sys.exit(__doc__)
    answer = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "packet=pts", "-of",
                             "default=noprint_wrappers=1:nokey=1", sys.argv[2]],
                            check=True, stdout=subprocess.PIPE, text=True).stdout
    add_captions([int(line) for line in answer.split()], sys.argv[3], sys.argv[4])


if __name__ == "__main__":
    main()
