#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""VP9 streams: put frames together in other ways.

usage: vp9.py pair IN.ivf OUT.ivf
Makes superframes that show two frames, as those of streams with spatial layers do: the frames of two
chunks of IN each.
"""

import sys

import ivf

MARKER = 0xc0
BYTES_PER_SIZE = 4
MAX_FRAMES = 8


def split(chunk):
    """The frames of a chunk (Annex B)."""
    header = chunk[-1]
    if header & 0xe0 != MARKER:
        return [chunk]
    width, count = (header >> 3 & 3) + 1, (header & 7) + 1
    index = chunk[-2 - width * count:]
    if index[0] != header:
        return [chunk]
    frames, position = [], 0
    for number in range(count):
        at = 1 + width * number
        size = int.from_bytes(index[at:at + width], "little")
        frames.append(chunk[position:position + size])
        position += size
    return frames


def join(frames):
    """A superframe."""
    if len(frames) > MAX_FRAMES:
        sys.exit(f"vp9.py: {len(frames)} frames do not go into one superframe")
    header = bytes([MARKER | (BYTES_PER_SIZE - 1) << 3 | len(frames) - 1])
    sizes = b"".join(len(frame).to_bytes(BYTES_PER_SIZE, "little") for frame in frames)
    return b"".join(frames) + header + sizes + header


def pair(source, target):
    """Run the command; see the usage."""
    header, chunks = ivf.read(source)
    ivf.write(target, header,
              [join([frame for chunk in chunks[i:i + 2] for frame in split(chunk)])
               for i in range(0, len(chunks), 2)])


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] != "pair":
        sys.exit(__doc__)
    pair(*sys.argv[2:])
