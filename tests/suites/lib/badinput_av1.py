# SPDX-License-Identifier: LGPL-2.1-or-later
"""Broken AV1 streams for badinput.py."""

import os
import random

import ivf
from av1 import (DELIMITER, FRAME, FRAME_HEADER, METADATA, PADDING, SEQUENCE, TILE_GROUP, TILE_LIST,
                 join, obu, split)
from bits import Bits, flip, flip_count

GOOD = "lowdelay"       # decodes exactly between the groups
SUFFIX = "ivf"
PARSED = "parsebin"
# ivfparse removes the container; there is no parser.
UNPARSED = "ivfparse ! capssetter caps=video/x-av1,stream-format=obu-stream,alignment=tu"
CONTROL = "av1dec"      # if it fails alike, an element before the decoder has failed
FLIPPED_FRAMES = 16     # frames of a clip that get damaged, limited to save time
CODED = (FRAME, FRAME_HEADER, TILE_GROUP)


def sequence(width, height, profile=0, high=0, mono=0, chroma=(1, 1), points=1, twelve=0):
    """A sequence header (5.5) of the simplest sort: no tools, no order hints."""
    bits = Bits().put(profile, 3).put(0, 1).put(0, 1).put(0, 1).put(0, 1)
    bits.put(points - 1, 5)
    for _ in range(points):
        bits.put(0, 12).put(4, 5)
    bits.put(15, 4).put(15, 4).put(width - 1, 16).put(height - 1, 16)
    bits.put(0, 1).put(0, 3).put(0, 4).put(0, 1)    # no ids, no tools, no order hints
    bits.put(0, 1).put(0, 1).put(0, 3)              # no screen content, superres, CDEF, restoration
    bits.put(high, 1)
    if profile == 2 and high:
        bits.put(twelve, 1)
    if profile != 1:
        bits.put(mono, 1)
    bits.put(0, 1).put(0, 1)                        # no colour description, studio range
    if not mono:
        if profile == 2 and twelve:
            bits.put(chroma[0], 1)
            if chroma[0]:
                bits.put(chroma[1], 1)
        if chroma == (1, 1) and profile != 1:
            bits.put(0, 2)
        bits.put(0, 1)                              # one quantizer for both
    return bits.put(0, 1).put(1, 1).data()          # no film grain; trailing bit


def key_frame(rest):
    """OBU_FRAME of a shown key frame for that sequence header; REST is the tile."""
    bits = Bits().put(0, 1).put(0, 2).put(1, 1).put(1, 1).put(0, 1).put(0, 1)
    bits.put(1, 1)                                  # uniform tiles
    return bits.data() + rest


def made(header, rest):
    """Three temporal units."""
    return [join([(DELIMITER, b""), (SEQUENCE, header), (FRAME, key_frame(rest))])] * 3


def clip(folder, name):
    """(header, temporal units) of a good clip."""
    return ivf.read(os.path.join(folder.clips, f"{name}.ivf"))


def add(folder, group, name, header, units, words=None):
    """An IVF file with UNITS, without empty ones, at which ivfparse stops."""
    ivf.write(folder.path(group, name, words), header, [u for u in units if u])


def files(folder):
    """Faults of the file, not of the stream."""
    header, units = clip(folder, GOOD)
    rng = random.Random(1)
    with open(os.path.join(folder.clips, f"{GOOD}.ivf"), "rb") as file:
        good = file.read()
    folder.add("file", "header only", good[:32])
    folder.add("file", "garbage behind a header", good[:32] + rng.randbytes(20000))
    folder.add("file", "chunk larger than the file", good[:32] + b"\xff\xff\xff\x7f" + good[36:])
    for seed in range(folder.seeds):
        folder.add("truncated", f"at a random byte {seed}",
                   good[:random.Random(seed).randrange(33, len(good))])
    add(folder, "file", "sequence header only", header,
        [join(o for o in split(units[0]) if o[0] not in CODED)])
    add(folder, "file", "delimiters only", header, [obu(DELIMITER, b"")] * 1000)
    add(folder, "file", "padding, 3 MB", header, [units[0] + obu(PADDING, bytes(3 << 20))] + units[1:])
    add(folder, "file", "10000 metadata OBUs", header,
        [obu(DELIMITER, b"") + obu(METADATA, b"\4abcd\x80") * 10000 + units[0]] + units[1:])
    add(folder, "file", "10000 sequence headers", header,
        [join([o for o in split(units[0]) if o[0] == SEQUENCE] * 10000) + units[0]] + units[1:])


def structure(folder):
    """Good OBUs in wrong places, or truncated."""
    header, units = clip(folder, GOOD)
    rng = random.Random(4)
    add(folder, "units", "no key frame", header, units[1:11])
    add(folder, "units", "key frame comes late", header, units[1:30])
    add(folder, "units", "shuffled", header, rng.sample(units, len(units)))
    add(folder, "units", "each twice", header, [u for u in units for _ in range(2)])
    add(folder, "units", "all in one", header, [b"".join(units[:20])])
    for name in (GOOD, "hidden", "tiles", "fwdkey", "resize", "waiting"):
        _, others = clip(folder, name)
        add(folder, f"lost in {name}", "the sequence headers", header,
            [join([o for o in split(u) if o[0] != SEQUENCE]) for u in others])
        add(folder, f"lost in {name}", "the key frames", header,
            [join([o for o in split(u) if o[0] not in CODED])
             if any(kind == SEQUENCE for kind, _ in split(u)) else u for u in others])
        for seed in range(3):
            lost = random.Random(f"{name} {seed}")
            add(folder, f"lost in {name}", f"units, {seed}", header,
                [u for u in others if lost.random() > 0.2])
            add(folder, f"lost in {name}", f"OBUs, {seed}", header,
                [join([o for o in split(u) if lost.random() > 0.1]) for u in others])
    mixed = [clip(folder, name)[1] for name in (GOOD, "tenbit", "resize", "svt", "mono")]
    add(folder, "units", "of five streams in turn", header, [u for g in zip(*mixed) for u in g])
    shown = [obu(DELIMITER, b"") + obu(FRAME_HEADER, Bits().put(1, 1).put(i, 3).put(1, 1).data())
             for i in range(8)]
    add(folder, "units", "show slots that were never filled", header,
        [units[0][:2] + join([o for o in split(units[0]) if o[0] == SEQUENCE])] + shown + units)
    add(folder, "units", "show each slot again and again", header, units[:6] + shown * 6 + units[12:])
    for what, change in (("truncated", lambda p: p[:max(1, len(p) * 2 // 3)]),
                         ("headers only", lambda p: p[:12]), ("one byte each", lambda p: p[:1]),
                         ("empty", lambda p: b""), ("doubled", lambda p: p + p),
                         ("noise", lambda p: p[:16] + rng.randbytes(max(0, len(p) - 16)))):
        for name in (GOOD, "tiles"):
            add(folder, f"frames of {name}", what, header,
                [join([(k, change(p) if k in CODED else p) for k, p in split(u)])
                 for u in clip(folder, name)[1]])


def sizes(folder):
    """Hand-made headers that demand many resources."""
    header, _ = clip(folder, GOOD)
    rng = random.Random(2)
    for width, height in ((1, 1), (1920, 1088), (4096, 16), (16, 16384), (16384, 16384),
                          (65536, 65536), (65536, 1)):
        add(folder, "size", f"{width}x{height} of zeros", header,
            made(sequence(width, height), bytes(64)))
        add(folder, "size", f"{width}x{height} of noise", header,
            made(sequence(width, height), rng.randbytes(3000)))
    add(folder, "size", "another each", header,
        [made(sequence(rng.randrange(1, 3000), rng.randrange(1, 3000)), rng.randbytes(500))[0]
         for _ in range(15)])
    add(folder, "size", "32 operating points", header,
        made(sequence(64, 64, points=32), rng.randbytes(100)))


def unsupported(folder):
    """Streams that must be refused, with the words of the error."""
    rng = random.Random(5)
    header, units = clip(folder, GOOD)
    for name, words in (("i422", "4:2:2"), ("i444", "4:4:4"), ("twelvebit", "12 bits")):
        add(folder, "unsupported", name, *clip(folder, name), words)
    for what, words, parts in (
            ("4:4:4 with 10 bits", "4:4:4", {"profile": 1, "high": 1, "chroma": (0, 0)}),
            ("4:2:2 with 10 bits", "4:2:2", {"profile": 2, "high": 1, "chroma": (1, 0)}),
            ("4:2:0 with 12 bits", "12 bits", {"profile": 2, "high": 1, "twelve": 1})):
        add(folder, "unsupported", what, header, made(sequence(64, 64, **parts),
                                                      rng.randbytes(500)), words)
    add(folder, "unsupported", "tile list", header,
        [units[0] + obu(TILE_LIST, rng.randbytes(200))] + units[1:])


def flips(folder):
    """Flipped bits, few and many, anywhere and in the headers."""
    for name in (GOOD, "hidden", "tiles", "svtten", "resize"):
        header, units = clip(folder, name)
        units = units[:FLIPPED_FRAMES]
        for seed in range(folder.seeds):
            rng = random.Random(f"{name} {seed}")
            count = flip_count(seed)
            add(folder, f"flipped bits in {name}", f"{count} anywhere, {seed}", header,
                flip(units, rng, count))
            add(folder, f"flipped bits in {name}", f"{count} in headers, {seed}", header,
                flip(units, rng, count, 24))


MAKERS = (files, structure, sizes, unsupported, flips)
