#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Decode broken streams and check that each ends, soon and with clear words.

usage: badinput.py CLIPS ELEMENT TOOL [--lenient]

CLIPS is the folder that clips.sh made, TOOL is decode-md5. After every group
of broken streams a good one must decode exactly. With --lenient, ELEMENT is
not ours: it may crash, but not hang. Writes TAP lines without numbers.
"""

import argparse
import os
import random
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../../validate"))
# pylint: disable=wrong-import-position
import fluster  # noqa: E402
import ivf      # noqa: E402

SECONDS = 20        # in which a stream must have ended
GOOD = "hidden"     # decodes exactly between the groups
SEEDS = 8           # of each sort of random damage; half of that with --lenient
FLIPPED_FRAMES = 48     # of a clip, for the time it takes
ANY_FORMAT = "yuv420p10le"  # to which everything can be converted

# Messages that name nothing.
UNCLEAR = ("Internal data stream error", "Internal data flow error", "Could not multiplex")


class Bits:
    """Writes bits, most significant first."""

    def __init__(self):
        self.bits = []

    def put(self, value, count):
        """Append the COUNT low bits of VALUE."""
        self.bits += [value >> i & 1 for i in reversed(range(count))]
        return self

    def data(self):
        """The bytes, padded with zeros."""
        padded = self.bits + [0] * (-len(self.bits) % 8)
        return bytes(sum(bit << 7 - i for i, bit in enumerate(padded[at:at + 8]))
                     for at in range(0, len(padded), 8))


def key_frame(width, height, profile=0, rest=b"\x00" * 64):
    """A key frame by its uncompressed header (VP9 specification, 6.2); REST follows it.

    A zero ends it, so that nothing takes it for a superframe.
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


def flip(frames, rng, count, first_bytes=None):
    """FRAMES with COUNT bits flipped, among the first bytes of each if given."""
    frames = [bytearray(frame) for frame in frames]
    for _ in range(count):
        frame = rng.choice(frames)
        end = min(len(frame), first_bytes or len(frame))
        if end:
            frame[rng.randrange(end)] ^= 1 << rng.randrange(8)
    return [bytes(frame) for frame in frames]


class Folder:
    """Makes the broken streams: (group, name, path)."""

    def __init__(self, clips, folder, seeds):
        self.clips, self.folder, self.seeds, self.streams = clips, folder, seeds, []

    def add(self, group, name, data):
        """A file with DATA."""
        path = os.path.join(self.folder, f"{group}-{name}.ivf".replace(" ", "-"))
        with open(path, "wb") as file:
            file.write(data)
        self.streams.append((group, name, path))

    def add_frames(self, group, name, header, frames):
        """An IVF file with FRAMES."""
        path = os.path.join(self.folder, f"{group}-{name}.ivf".replace(" ", "-"))
        ivf.write(path, header, frames)
        self.streams.append((group, name, path))

    def clip(self, name):
        """(header, frames) of a good clip."""
        return ivf.read(os.path.join(self.clips, f"{name}.ivf"))

    def files(self):
        """What is wrong with the file rather than with the stream."""
        with open(os.path.join(self.clips, f"{GOOD}.ivf"), "rb") as file:
            good = file.read()
        rng = random.Random(1)
        self.add("file", "empty", b"")
        self.add("file", "one byte", b"D")
        self.add("file", "garbage", rng.randbytes(5000))
        self.add("file", "header only", good[:32])
        self.add("file", "garbage behind a header", good[:32] + rng.randbytes(20000))
        self.add("file", "chunk larger than the file", good[:32] + b"\xff\xff\xff\x7f" + good[36:])
        self.add("file", "size 0x0", good[:12] + b"\0\0\0\0" + good[16:])
        for seed in range(self.seeds):
            self.add("truncated", f"at a random byte {seed}",
                     good[:random.Random(seed).randrange(33, len(good))])

    def structure(self):
        """Good frames in a wrong order, or not all of them."""
        header, frames = self.clip(GOOD)
        self.add_frames("frames", "no key frame", header, frames[1:11])
        self.add_frames("frames", "key frame comes late", header, frames[1:30])
        self.add_frames("frames", "empty ones", header,
                        [b"" if i % 3 == 1 else f for i, f in enumerate(frames)])
        self.add_frames("frames", "only empty ones", header, [b""] * 10)
        self.add_frames("frames", "one byte each", header, [b"\x82"] * 10)
        self.add_frames("frames", "each truncated", header,
                        [f[:max(1, len(f) * 2 // 3)] for f in frames])
        self.add_frames("frames", "headers only", header, [f[:24] for f in frames])
        for seed in range(4):
            rng = random.Random(seed)
            self.add_frames("frames", f"shuffled {seed}", header, rng.sample(frames, len(frames)))
            self.add_frames("frames", f"lost {seed}", header,
                            [f for f in frames if rng.random() > 0.2])
        mixed = [self.clip(name)[1] for name in ("hidden", "tenbit", "profile1", "resize")]
        self.add_frames("frames", "of four streams in turn", header,
                        [f for group in zip(*mixed) for f in group])
        self.add_frames("frames", "show slots that were never filled", header,
                        [b"\x88", b"\x89", b"\x8f"] + frames[:8])
        superframe = frames[0] + bytes([0xc9, 0xff, 0xff, 0xff, 0xff, 0xc9])
        self.add_frames("frames", "superframe index too large", header, [superframe] + frames[1:5])

    def sizes(self):
        """Hand-made key frames."""
        header, _ = self.clip(GOOD)
        rng = random.Random(2)
        for width, height in ((16384, 16), (16, 16384), (16384, 16384), (16386, 16), (65536, 65536),
                              (8192, 4320), (1, 1)):
            self.add_frames("key frame", f"{width}x{height} of zeros", header,
                            [key_frame(width, height)] * 3)
            self.add_frames("key frame", f"{width}x{height} of noise", header,
                            [key_frame(width, height, rest=rng.randbytes(3000))] * 3)
        self.add_frames("key frame", "another size each", header,
                        [key_frame(rng.randrange(1, 3000), rng.randrange(1, 3000),
                                   rest=rng.randbytes(500)) for _ in range(20)])
        for profile in (1, 2, 3):
            self.add_frames("key frame", f"profile {profile}", header,
                            [key_frame(64, 64, profile, rng.randbytes(500))] * 3)
        for name in ("profile1", "twelvebit"):
            self.add_frames("unsupported", name, *self.clip(name))

    def flips(self):
        """Flipped bits, few and many, anywhere and in the headers."""
        for name in (GOOD, "existing", "tenbit", "tilecols", "resize", "segments", "keysizes"):
            header, frames = self.clip(name)
            frames = frames[:FLIPPED_FRAMES]
            for seed in range(self.seeds):
                rng = random.Random(f"{name} {seed}")
                count = (1, 8, 64, 512)[seed % 4]
                self.add_frames(f"flipped bits in {name}", f"{count} anywhere, {seed}", header,
                                flip(frames, rng, count))
                self.add_frames(f"flipped bits in {name}", f"{count} in headers, {seed}", header,
                                flip(frames, rng, count, 20))


def judge(name, fields, lenient):
    """None, or what is wrong with an answer of decode-md5 about a broken stream."""
    if fields[0] == "ok":
        return "decoded" if name in ("profile1", "twelvebit") else None
    message = fields[1]
    if message.startswith(("hung:", "no end of stream")):
        return message
    if not lenient and (message.startswith("crashed:") or unclear(message)):
        return message
    return None


def unclear(message):
    """Does this error message say nothing?"""
    return any(text in message for text in UNCLEAR)


def from_decoder(message):
    """Did the decoder, which decode-md5 names "dec", post this error?"""
    return message.startswith("dec:")


def same_failure(one, other):
    """Do two answers fail alike, whatever the decoder?

    Which element in front of it reports first is a race, and so is the text.
    """
    return other[0] == "error" and (
        one[1].startswith("crashed:") and other[1].startswith("crashed:") or
        unclear(one[1]) and not from_decoder(one[1]) and not from_decoder(other[1]))


def report(passed, name, why=""):
    """A TAP line without a number."""
    print(f"{'ok' if passed else 'not ok'} {name}{': ' + why if why else ''}", flush=True)


def main():
    """Make the streams, decode, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clips")
    parser.add_argument("element")
    parser.add_argument("tool")
    parser.add_argument("--lenient", action="store_true")
    args = parser.parse_args()

    tool = fluster.Tool(args.tool, args.element, SECONDS)
    # What fails alike with libvpx fails in front of the decoder.
    control = fluster.Tool(args.tool, "vp9dec", SECONDS)
    good = os.path.join(args.clips, f"{GOOD}.ivf")
    # What the first run says is what all others must say; it is checked
    # against libvpx by the suite endtoend.
    exact = tool.decode(good, "yuv420p")
    report(exact[0] == "ok", "a good stream before", "" if exact[0] == "ok" else exact[1])

    with tempfile.TemporaryDirectory() as temporary:
        folder = Folder(args.clips, temporary, SEEDS // 2 if args.lenient else SEEDS)
        for make in (folder.files, folder.structure, folder.sizes, folder.flips):
            make()
        groups = list(dict.fromkeys(group for group, _, _ in folder.streams))
        for group in groups:
            for _, name, path in (s for s in folder.streams if s[0] == group):
                start = time.monotonic()
                fields = tool.decode(path, ANY_FORMAT)
                why = judge(name, fields, args.lenient)
                said = f"{fields[2]} frames" if fields[0] == "ok" else fields[1]
                print(f"# {group}, {name}: {said} ({time.monotonic() - start:.2f} s)",
                      file=sys.stderr, flush=True)
                if why and same_failure(fields, control.decode(path, ANY_FORMAT)):
                    print(f"ok {group}, {name} # SKIP GStreamer fails so with vp9dec too: {said}",
                          flush=True)
                else:
                    report(not why, f"{group}, {name}", why or "")
            again = tool.decode(good, "yuv420p")
            report(again[:2] == exact[:2], f"a good stream after: {group}",
                   "" if again[:2] == exact[:2] else again[1])
    control.end()
    return tool.end()


if __name__ == "__main__":
    sys.exit(main())
