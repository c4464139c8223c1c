#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Damaged AV1 streams that recover.

usage: damage_av1.py CLIPS DIR
Puts damaged copies of CLIPS, the folder that clips-av1.sh made, into DIR, and prints for
each how many frames at its end are not affected, and its name.
"""

import os
import random
import shutil
import sys

import ivf
from av1 import DELIMITER, FRAME, FRAME_HEADER, SEQUENCE, TILE_GROUP, join, obu, split

CODED = (FRAME, FRAME_HEADER, TILE_GROUP)


def without(unit, *kinds):
    """UNIT without the OBUs of KINDS."""
    return join([o for o in split(unit) if o[0] not in kinds])


def changed(unit, change, *kinds):
    """UNIT with the payloads of KINDS changed."""
    return join([(kind, change(payload) if kind in kinds else payload)
                 for kind, payload in split(unit)])


def each(units, first, last, change):
    """CHANGE the temporal units from FIRST to LAST."""
    return units[:first] + [change(u) for u in units[first:last]] + units[last:]


def damaged(clip):
    """Yields (name of the damage, clip, number of exact frames at its end, temporal units)."""
    low, tiles, svt, waiting = (clip(name) for name in ("lowdelay", "tiles", "svt", "waiting"))
    rng = random.Random(1)

    def half(payload):
        return payload[:len(payload) // 2]

    def noise(payload):
        return payload[:20] + rng.randbytes(max(0, len(payload) - 20))

    def long_tiles(payload):
        """Set the size of the first tile, after some header bytes, beyond the buffer."""
        return payload[:1] + b"\xff" * 4 + payload[5:]

    # Key frames at 0, 12, 24, 36 of lowdelay; 0, 5 of tiles; 0, 20, 40 of svt.
    yield "started-in-mid-gop", "lowdelay", 36, low[5:]
    yield "started-in-mid-gop-hidden", "svt", 40, svt[3:]
    yield "lost-key-frame", "lowdelay", 24, low[:12] + low[13:]
    yield "lost-frames", "lowdelay", 24, low[:3] + low[5:14] + low[17:]
    yield "lost-hidden-frames", "svt", 20, svt[:2] + svt[3:22] + svt[23:]
    yield "lost-sequence-headers", "lowdelay", 36, each(
        low, 0, 12, lambda u: without(u, SEQUENCE))
    yield "lost-delimiters", "lowdelay", 48, each(low, 0, 48, lambda u: without(u, DELIMITER))
    yield "lost-waiting-key-frame", "waiting", 12, waiting[:9] + waiting[10:]
    yield "lost-tile-groups", "tiles", 5, each(
        tiles, 0, 4, lambda u: join(split(u)[:-1]))
    yield "truncated-frames", "lowdelay", 24, each(low, 3, 20, lambda u: changed(u, half, *CODED))
    yield "truncated-units", "lowdelay", 24, each(low, 3, 20, lambda u: u[:len(u) * 2 // 3])
    yield "noise-in-frames", "lowdelay", 24, each(low, 3, 20, lambda u: changed(u, noise, *CODED))
    yield "noise-in-sequence-header", "lowdelay", 24, each(
        low, 12, 13, lambda u: changed(u, lambda p: p[:1] + rng.randbytes(len(p) - 1), SEQUENCE))
    yield "noise-between", "lowdelay", 24, each(
        low, 3, 20, lambda u: u + obu(FRAME, rng.randbytes(300)))
    yield "tile-sizes-too-large", "tiles", 5, each(
        tiles, 1, 4, lambda u: changed(u, long_tiles, TILE_GROUP))
    # Another sequence, but its key frame is lost.
    yield "sequence-without-key-frame", "lowdelay", 24, \
        low[:12] + [join([(DELIMITER, b"")] + [o for o in split(tiles[0]) if o[0] == SEQUENCE])] + \
        [without(u, SEQUENCE) for u in low[13:24]] + low[24:]


def damage(clips, folder):
    """Write all damaged copies, each with the reference MD5s of its clip."""
    def clip(name):
        return ivf.read(os.path.join(clips, f"{name}.ivf"))[1]

    for what, name, exact, units in damaged(clip):
        header, _ = ivf.read(os.path.join(clips, f"{name}.ivf"))
        ivf.write(os.path.join(folder, f"{what}.ivf"), header, units)
        shutil.copy(os.path.join(clips, f"{name}.md5"), os.path.join(folder, f"{what}.md5"))
        print(exact, what)


if __name__ == "__main__":
    damage(*sys.argv[1:])
