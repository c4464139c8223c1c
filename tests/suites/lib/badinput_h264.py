# SPDX-License-Identifier: LGPL-2.1-or-later
"""Broken H.264 streams for badinput.py."""

import os
import random

from bits import Bits, flip, flip_count
from h264 import (DELIMITER, IDR, PPS, SEI, SLICE, SPS, access_units, is_slice, join, nal,
                  nal_type, split)

GOOD = "pyramid"            # decodes exactly between the groups
SUFFIX = "264"
# Not parsebin, which could take a damaged stream for another codec.
UNPARSED = "video/x-h264,stream-format=byte-stream"
PARSED = f"{UNPARSED} ! h264parse"
CONTROL = "avdec_h264"      # if it fails alike, an element before the decoder has failed
FLIPPED_PICTURES = 24       # pictures of a clip that get damaged, limited to save time

HIGH, HIGH_444, EXTENDED, BASELINE = 100, 244, 88, 66


def sps(width, height, profile=HIGH, level=40, chroma=1, depth=(8, 8), refs=1, crop=None,
        separate=0):
    """A sequence parameter set (7.3.2.1.1); WIDTH and HEIGHT in macroblocks."""
    bits = Bits().put(profile, 8).put(0, 8).put(level, 8).unsigned(0)
    if profile >= HIGH:
        bits.unsigned(chroma)
        if chroma == 3:
            bits.put(separate, 1)
        bits.unsigned(depth[0] - 8).unsigned(depth[1] - 8).put(0, 1).put(0, 1)
    bits.unsigned(0).unsigned(2).unsigned(refs).put(0, 1)   # frame_num in 4 bits, POC type 2
    bits.unsigned(width - 1).unsigned(height - 1).put(1, 1).put(1, 1)
    bits.put(crop is not None, 1)
    for offset in crop or ():
        bits.unsigned(offset)
    return nal(0x60 | SPS, bits.put(0, 1).trailing().data())


def pps(groups=1):
    """A picture parameter set (7.3.2.2) for CAVLC; slice groups are interleaved."""
    bits = Bits().unsigned(0).unsigned(0).put(0, 1).put(0, 1).unsigned(groups - 1)
    if groups > 1:
        bits.unsigned(0)
        for _ in range(groups):
            bits.unsigned(0)
    bits.unsigned(0).unsigned(0).put(0, 1).put(0, 2).unsigned(0).unsigned(0).unsigned(0)
    return nal(0x60 | PPS, bits.put(0, 3).trailing().data())


def idr(rest, slice_type=7, number=0):
    """A slice of an IDR picture, with REST instead of macroblocks."""
    bits = Bits().unsigned(0).unsigned(slice_type).unsigned(0).put(0, 4).unsigned(number)
    return nal(0x60 | IDR, bits.put(0, 2).unsigned(0).data() + rest + b"\x80")


def made(seq, pic, rest, slice_type=7):
    """Three pictures with these parameter sets."""
    return join([seq, pic] + [idr(rest, slice_type, i) for i in range(3)])


def units(folder, name):
    """The NAL units of a good clip."""
    with open(os.path.join(folder.clips, f"{name}.264"), "rb") as file:
        return split(file.read())


def pictures(folder, name):
    """The access units of a good clip."""
    return access_units(units(folder, name))


def flat(lists):
    """A byte stream of lists of NAL units."""
    return join([unit for units_of_one in lists for unit in units_of_one])


def files(folder):
    """Faults of the file, not of the stream."""
    good = join(units(folder, GOOD))
    rng = random.Random(1)
    parameters = [u for u in units(folder, GOOD) if nal_type(u) in (SPS, PPS)][:2]
    folder.add("file", "empty", b"")
    folder.add("file", "one byte", b"\0")
    folder.add("file", "garbage", rng.randbytes(5000))
    folder.add("file", "start codes only", b"\0\0\1" * 3000)
    folder.add("file", "parameter sets only", join(parameters))
    folder.add("file", "garbage behind parameter sets", join(parameters + [rng.randbytes(20000)]))
    folder.add("file", "a slice of noise, 3 MB", join(parameters + [idr(rng.randbytes(3 << 20))]))
    folder.add("file", "1 MB of zeros in front", bytes(1 << 20) + good)
    folder.add("file", "10000 delimiters", join([bytes([DELIMITER, 0xf0])] * 10000) + good)
    folder.add("file", "10000 SEI messages", join([nal(SEI, b"\5\4abcd\x80")] * 10000) + good)
    folder.add("file", "garbage between NAL units", b"".join(
        join([unit]) + rng.randbytes(50) for unit in units(folder, GOOD)))
    for seed in range(folder.seeds):
        folder.add("truncated", f"at a random byte {seed}",
                   good[:random.Random(seed).randrange(33, len(good))])


def lost(folder):
    """Streams with lost NAL units."""
    for name in (GOOD, "mbafftff", "refs16", "opengop", "refresh", "baseline"):
        all_pictures = pictures(folder, name)
        folder.add(f"lost in {name}", "all before the middle",
                   flat(all_pictures[len(all_pictures) // 2 - 1:]))
        folder.add(f"lost in {name}", "the IDR pictures", flat(
            [u for u in p if nal_type(u) != IDR] for p in all_pictures))
        folder.add(f"lost in {name}", "the references", flat(
            [u for u in p if not is_slice(u) or nal_type(u) == IDR or not u[0] & 0x60]
            for p in all_pictures))
        for kind, what in ((SPS, "the SPS"), (PPS, "the PPS")):
            folder.add(f"lost in {name}", what, flat(
                [u for u in p if nal_type(u) != kind] for p in all_pictures))
            folder.add(f"lost in {name}", f"{what}, until later", flat(
                [u for u in p if i > 3 or nal_type(u) != kind] for i, p in enumerate(all_pictures)))
        for seed in range(max(2, folder.seeds // 4)):
            rng = random.Random(f"{name} {seed}")
            folder.add(f"lost in {name}", f"pictures, {seed}",
                       flat(p for p in all_pictures if rng.random() > 0.2))
    rng = random.Random(3)
    folder.add("lost in cavlc", "slices", join(
        [u for u in units(folder, "cavlc") if not is_slice(u) or rng.random() > 0.1]))


def structure(folder):
    """Good NAL units in wrong places, or truncated."""
    good, four = pictures(folder, GOOD), pictures(folder, "cavlc")
    rng = random.Random(4)
    folder.add("order", "of pictures", flat(rng.sample(good, len(good))))
    folder.add("order", "of slices", flat(
        [u for u in p if not is_slice(u)] + [u for u in p if is_slice(u)][::-1] for p in four))
    folder.add("order", "of NAL units", join(rng.sample(units(folder, GOOD), 50)))
    folder.add("order", "each picture twice", flat(p for p in good for _ in range(2)))
    folder.add("order", "each slice twice", flat(
        [u for u in p for _ in range(2 if is_slice(u) else 1)] for p in four))
    folder.add("order", "of four streams in turn", flat(
        p for group in zip(*(pictures(folder, name)
                             for name in (GOOD, "tenbit", "crop", "mbafftff"))) for p in group))
    folder.add("order", "of fields and frames", flat(
        p for group in zip(pictures(folder, "mbafftff"), pictures(folder, "refs16"))
        for p in group))
    for other in ("crop", "tenbit", "mbafftff", "baseline", "tiny"):
        strange = [u for u in units(folder, other) if nal_type(u) in (SPS, PPS)][:2]
        folder.add("parameter sets", f"of {other} in front", join(
            strange + [u for p in good for u in p if is_slice(u)]))
        folder.add("parameter sets", f"of {other} in mid-stream", flat(
            good[:5] + [strange] + good[5:]))
    folder.add("parameter sets", "another in each access unit", flat(
        [nal(0x60 | SPS, rng.randbytes(30)), nal(0x60 | PPS, rng.randbytes(10))] + p
        for p in good))
    folder.add("slices", "each truncated", flat(
        [u[:max(2, len(u) * 2 // 3)] if is_slice(u) else u for u in p] for p in good))
    folder.add("slices", "headers only", flat(
        [u[:12] if is_slice(u) else u for u in p] for p in good))
    folder.add("slices", "one byte each", flat(
        [u[:1] if is_slice(u) else u for u in p] for p in good))
    folder.add("slices", "all as IDR", flat(
        [bytes([u[0] & 0x60 | IDR]) + u[1:] if is_slice(u) else u for u in p] for p in good))
    folder.add("slices", "none as IDR", flat(
        [bytes([u[0] & 0x60 | SLICE]) + u[1:] if is_slice(u) else u for u in p] for p in good))
    folder.add("slices", "all as references", flat(
        [bytes([u[0] | 0x60]) + u[1:] if is_slice(u) else u for u in p] for p in good))
    folder.add("slices", "none as references", flat(
        [bytes([u[0] & 0x1f]) + u[1:] if is_slice(u) else u for u in p] for p in good))


def sizes(folder):
    """Hand-made parameter sets that demand too many resources."""
    rng = random.Random(2)
    # 373x374 is a little more than any level allows (table A-1).
    for width, height in ((1, 1), (120, 68), (512, 270), (373, 374), (513, 1), (1, 1055),
                          (1056, 1), (4096, 4096), (65536, 65536)):
        size = f"{width * 16}x{height * 16}"
        folder.add("size", f"{size} of zeros", made(sps(width, height), pps(), bytes(64)))
        folder.add("size", f"{size} of noise", made(sps(width, height), pps(), rng.randbytes(3000)))
    folder.add("size", "another each", b"".join(
        made(sps(rng.randrange(1, 200), rng.randrange(1, 120)), pps(), rng.randbytes(500))
        for _ in range(10)))
    folder.add("lies", "16 references of 4096x2304 in level 1",
               made(sps(256, 144, level=10, refs=16), pps(), rng.randbytes(500)))
    folder.add("lies", "17 references", made(sps(20, 10, refs=17), pps(), rng.randbytes(500)))
    folder.add("lies", "60000 references", made(sps(20, 10, refs=60000), pps(), rng.randbytes(500)))
    folder.add("lies", "cropped to nothing",
               made(sps(20, 10, crop=(80, 80, 0, 0)), pps(), rng.randbytes(500)))
    folder.add("lies", "cropped to less than nothing",
               made(sps(20, 10, crop=(0, 9999, 9999, 0)), pps(), rng.randbytes(500)))
    folder.add("lies", "cropped to two samples",
               made(sps(20, 10, crop=(79, 80, 79, 0)), pps(), rng.randbytes(500)))


def unsupported(folder):
    """Streams that must be refused, with the words of the error."""
    rng = random.Random(5)
    noise = rng.randbytes(500)
    for name, words in (("i422", "4:2:2"), ("i422ten", "4:2:2"), ("i444", "4:4:4"),
                        ("i444ten", "4:4:4")):
        folder.add("unsupported", name, join(units(folder, name)), words)
    for depth, words in (((9, 9), "9 bits"), ((12, 12), "12 bits"), ((8, 10), "10 bits")):
        folder.add("unsupported", f"{depth[0]} and {depth[1]} bits",
                   made(sps(20, 10, profile=HIGH_444, depth=depth), pps(), noise), words)
    folder.add("unsupported", "separate colour planes",
               made(sps(20, 10, profile=HIGH_444, chroma=3, separate=1), pps(), noise), "4:4:4")
    folder.add("unsupported", "two slice groups",
               made(sps(20, 10, profile=BASELINE), pps(groups=2), noise), "slice groups")
    for slice_type, words in ((8, "SP slices"), (9, "SI slices")):
        folder.add("unsupported", words, made(sps(20, 10, profile=EXTENDED), pps(), noise,
                                              slice_type), words)
    partitions = [nal(0x60 | kind, idr(noise)[1:]) for kind in (2, 3, 4)]
    folder.add("unsupported", "data partitioning",
               join([sps(20, 10, profile=EXTENDED), pps()] + partitions * 3), "data partitioning")


def flips(folder):
    """Flipped bits, few and many, anywhere and in the headers."""
    for name in (GOOD, "mbafftff", "cavlc", "tenbit", "refs16", "weights", "change"):
        some = [u for p in pictures(folder, name)[:FLIPPED_PICTURES] for u in p]
        for seed in range(folder.seeds):
            rng = random.Random(f"{name} {seed}")
            count = flip_count(seed)
            folder.add(f"flipped bits in {name}", f"{count} anywhere, {seed}",
                       join(flip(some, rng, count)))
            folder.add(f"flipped bits in {name}", f"{count} in headers, {seed}",
                       join(flip(some, rng, count, 12)))


MAKERS = (files, lost, structure, sizes, unsupported, flips)
