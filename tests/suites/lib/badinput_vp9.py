# SPDX-License-Identifier: LGPL-2.1-or-later
"""Broken VP9 streams for badinput.py."""

import os
import random

import ivf
from bits import Bits, flip, flip_count

GOOD = "hidden"         # decodes exactly between the groups
SUFFIX = "ivf"
PARSED = UNPARSED = "parsebin"
CONTROL = "vp9dec"      # if it fails alike, an element before the decoder has failed
FLIPPED_FRAMES = 48     # frames of a clip that get damaged, limited to save time


def key_frame(width, height, profile=0, rest=b"\x00" * 64):
    """A key frame: an uncompressed header (VP9 specification, 6.2), then REST.

    A zero byte at the end keeps parsers from taking it for a superframe.
    """
    bits = Bits().put(2, 2).put(profile & 1, 1).put(profile >> 1, 1)
    if profile == 3:
        bits.put(0, 1)
    bits.put(0, 1).put(0, 1).put(1, 1).put(0, 1).put(0x498342, 24)
    if profile >= 2:
        bits.put(0, 1)
    bits.put(1, 3).put(0, 1)                        # BT.601, studio range
    if profile & 1:
        bits.put(0, 1).put(0, 1).put(0, 1)          # 4:4:4
    bits.put(width - 1, 16).put(height - 1, 16).put(0, 1)
    bits.put(1, 1).put(0, 1).put(0, 2)              # contexts
    bits.put(10, 6).put(0, 3).put(0, 1)             # loop filter
    bits.put(60, 8).put(0, 1).put(0, 1).put(0, 1)   # quantizer
    bits.put(0, 1)                                  # no segmentation
    columns, most = (width + 63) // 64, 1
    while columns >> most >= 4:
        most += 1
    least = 0
    while 64 << least < columns:
        least += 1
    if least < most - 1:
        bits.put(0, 1)
    bits.put(0, 1).put(8, 16)                       # one tile row, compressed header
    return bits.data() + rest + b"\0"


def add_frames(folder, group, name, header, frames, words=None):
    """An IVF file with FRAMES."""
    ivf.write(folder.path(group, name, words), header, frames)


def clip(folder, name):
    """(header, frames) of a good clip."""
    return ivf.read(os.path.join(folder.clips, f"{name}.ivf"))


def files(folder):
    """Faults of the file, not of the stream."""
    with open(os.path.join(folder.clips, f"{GOOD}.ivf"), "rb") as file:
        good = file.read()
    rng = random.Random(1)
    folder.add("file", "empty", b"")
    folder.add("file", "one byte", b"D")
    folder.add("file", "garbage", rng.randbytes(5000))
    folder.add("file", "header only", good[:32])
    folder.add("file", "garbage behind a header", good[:32] + rng.randbytes(20000))
    folder.add("file", "chunk larger than the file", good[:32] + b"\xff\xff\xff\x7f" + good[36:])
    folder.add("file", "size 0x0", good[:12] + b"\0\0\0\0" + good[16:])
    for seed in range(folder.seeds):
        folder.add("truncated", f"at a random byte {seed}",
                   good[:random.Random(seed).randrange(33, len(good))])


def structure(folder):
    """Good frames in a wrong order, or with frames missing."""
    header, frames = clip(folder, GOOD)
    add_frames(folder, "frames", "no key frame", header, frames[1:11])
    add_frames(folder, "frames", "key frame comes late", header, frames[1:30])
    add_frames(folder, "frames", "empty ones", header,
               [b"" if i % 3 == 1 else f for i, f in enumerate(frames)])
    add_frames(folder, "frames", "only empty ones", header, [b""] * 10)
    add_frames(folder, "frames", "one byte each", header, [b"\x82"] * 10)
    add_frames(folder, "frames", "each truncated", header,
               [f[:max(1, len(f) * 2 // 3)] for f in frames])
    add_frames(folder, "frames", "headers only", header, [f[:24] for f in frames])
    for seed in range(4):
        rng = random.Random(seed)
        add_frames(folder, "frames", f"shuffled {seed}", header, rng.sample(frames, len(frames)))
        add_frames(folder, "frames", f"lost {seed}", header,
                   [f for f in frames if rng.random() > 0.2])
    mixed = [clip(folder, name)[1] for name in ("hidden", "tenbit", "profile1", "resize")]
    add_frames(folder, "frames", "of four streams in turn", header,
               [f for group in zip(*mixed) for f in group])
    add_frames(folder, "frames", "show slots that were never filled", header,
               [b"\x88", b"\x89", b"\x8f"] + frames[:8])
    superframe = frames[0] + bytes([0xc9, 0xff, 0xff, 0xff, 0xff, 0xc9])
    add_frames(folder, "frames", "superframe index too large", header, [superframe] + frames[1:5])


def sizes(folder):
    """Hand-made key frames."""
    header, _ = clip(folder, GOOD)
    rng = random.Random(2)
    for width, height in ((16384, 16), (16, 16384), (16384, 16384), (16386, 16), (65536, 65536),
                          (8192, 4320), (1, 1)):
        add_frames(folder, "key frame", f"{width}x{height} of zeros", header,
                   [key_frame(width, height)] * 3)
        add_frames(folder, "key frame", f"{width}x{height} of noise", header,
                   [key_frame(width, height, rest=rng.randbytes(3000))] * 3)
    add_frames(folder, "key frame", "another size each", header,
               [key_frame(rng.randrange(1, 3000), rng.randrange(1, 3000),
                          rest=rng.randbytes(500)) for _ in range(20)])
    for profile in (1, 2, 3):
        add_frames(folder, "key frame", f"profile {profile}", header,
                   [key_frame(64, 64, profile, rng.randbytes(500))] * 3)
    for name, words in (("profile1", "4:4:4"), ("twelvebit", "12 bits")):
        add_frames(folder, "unsupported", name, *clip(folder, name), words)


def flips(folder):
    """Flipped bits, few and many, anywhere and in the headers."""
    for name in (GOOD, "existing", "tenbit", "tilecols", "resize", "segments", "keysizes"):
        header, frames = clip(folder, name)
        frames = frames[:FLIPPED_FRAMES]
        for seed in range(folder.seeds):
            rng = random.Random(f"{name} {seed}")
            count = flip_count(seed)
            add_frames(folder, f"flipped bits in {name}", f"{count} anywhere, {seed}", header,
                       flip(frames, rng, count))
            add_frames(folder, f"flipped bits in {name}", f"{count} in headers, {seed}", header,
                       flip(frames, rng, count, 20))


MAKERS = (files, structure, sizes, flips)
