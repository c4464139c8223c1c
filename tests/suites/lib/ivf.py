#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""IVF files: put streams behind each other.

usage: ivf.py concat OUT IN...
"""

import struct
import sys

FILE_HEADER = struct.Struct("<4sHH4sHHIIII")
FRAME_HEADER = struct.Struct("<IQ")


def read(path):
    """(file header as a list, frames as bytes) of an IVF file."""
    with open(path, "rb") as file:
        data = file.read()
    header = list(FILE_HEADER.unpack_from(data))
    position, frames = header[2], []
    while position < len(data):
        size, _ = FRAME_HEADER.unpack_from(data, position)
        position += FRAME_HEADER.size
        frames.append(data[position:position + size])
        position += size
    return header, frames


def write(path, header, frames):
    """An IVF file with one frame per tick."""
    header = list(header)
    header[8] = len(frames)
    with open(path, "wb") as file:
        file.write(FILE_HEADER.pack(*header))
        for number, frame in enumerate(frames):
            file.write(FRAME_HEADER.pack(len(frame), number) + frame)


def concat(out, paths):
    """The frames of all PATHS, with the file header of the first."""
    streams = [read(path) for path in paths]
    write(out, streams[0][0], [frame for _, frames in streams for frame in frames])


if __name__ == "__main__":
    if len(sys.argv) < 4 or sys.argv[1] != "concat":
        sys.exit(__doc__)
    concat(sys.argv[2], sys.argv[3:])
