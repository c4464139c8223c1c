#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""AV1 streams: take temporal units apart into OBUs, and write them in other ways.

usage: av1.py annexb IN.ivf OUT.ivf
       av1.py hide IN.ivf KEY SLOT EARLIER OUT.ivf
The first writes temporal units in the length-delimited format of Annex B. The second decodes key frame
number KEY (from 0) EARLIER frames before its time, hidden and into SLOT alone, and shows
it by show_existing_frame when its time has come.
"""

import sys

import ivf
from bits import Bits

SEQUENCE, DELIMITER, FRAME_HEADER, TILE_GROUP, METADATA, FRAME, REDUNDANT, TILE_LIST, PADDING = \
    1, 2, 3, 4, 5, 6, 7, 8, 15


def leb128(value):
    """4.10.5"""
    out = bytearray()
    while True:
        out.append(value & 0x7f | (0x80 if value > 0x7f else 0))
        value >>= 7
        if not value:
            return bytes(out)


def obu(kind, payload):
    """An OBU with a size field (5.3)."""
    return bytes([kind << 3 | 2]) + leb128(len(payload)) + payload


def split(unit):
    """[(type, payload)] of a temporal unit whose OBUs have sizes and no extension."""
    found, position = [], 0
    while position < len(unit):
        header, size, shift = unit[position], 0, 0
        if header & 6 != 2:
            sys.exit(f"av1.py: an OBU with the header 0x{header:02x}")
        while True:
            position += 1
            size |= (unit[position] & 0x7f) << shift
            shift += 7
            if not unit[position] & 0x80:
                break
        position += 1
        found.append((header >> 3 & 15, unit[position:position + size]))
        position += size
    return found


def join(obus):
    """A temporal unit."""
    return b"".join(obu(kind, payload) for kind, payload in obus)


def annexb_unit(unit):
    """temporal_unit() of Annex B; a frame unit ends with a frame or a tile group."""
    frames, current = [], b""
    for kind, payload in split(unit):
        data = bytes([kind << 3]) + payload
        current += leb128(len(data)) + data
        if kind in (FRAME, TILE_GROUP) or kind == FRAME_HEADER and payload[0] & 0x80:
            frames.append(current)
            current = b""
    if current:
        frames.append(current)
    body = b"".join(leb128(len(frame)) + frame for frame in frames)
    return leb128(len(body)) + body


class Reader:
    """Reads bits, most significant first."""

    def __init__(self, data):
        self.bits = [byte >> 7 - i & 1 for byte in data for i in range(8)]
        self.at = 0

    def get(self, count):
        """f(n)"""
        value = 0
        for bit in self.bits[self.at:self.at + count]:
            value = value << 1 | bit
        self.at += count
        return value


class Sequence:
    """The values of a sequence header (5.5) that the start of a frame header depends on."""

    def __init__(self, payload):
        bits = Reader(payload)
        bits.get(3)
        # Still pictures, timing information and display delays are not for here.
        if bits.get(4):
            sys.exit("av1.py: the sequence header is not of the simple sort")
        points = bits.get(5) + 1
        for _ in range(points):
            bits.get(12)
            if bits.get(5) > 7:
                bits.get(1)
        self.width_bits, self.height_bits = bits.get(4) + 1, bits.get(4) + 1
        self.width, self.height = bits.get(self.width_bits), bits.get(self.height_bits)
        if bits.get(1):
            sys.exit("av1.py: the frames have ids")
        bits.get(7)     # superblocks, two tools of intra and four of inter frames
        has_order = bits.get(1)
        if has_order:
            bits.get(2)
        self.choose_screen_content = bits.get(1)
        screen_content = self.choose_screen_content or bits.get(1)
        self.choose_integer_mv = screen_content and bits.get(1)
        if screen_content and not self.choose_integer_mv:
            bits.get(1)
        self.forced_screen_content = screen_content
        self.order_hint_bits = bits.get(3) + 1 if has_order else 0


def is_key(unit):
    """Does a key frame start in this temporal unit, or is it shown again?"""
    return any(kind == SEQUENCE for kind, _ in split(unit))


def hidden_key(sequence, payload, slot):
    """OBU_FRAME of a shown key frame as one that is not shown and fills SLOT.

    frame_size() is coded explicitly, because the inserted bits must be whole bytes: the
    data after the header is byte-aligned.
    """
    added = 10 + sequence.width_bits + sequence.height_bits
    if added % 8:
        sys.exit("av1.py: want a clip whose numbers of bits for width and height add to 6, "
                 "modulo 8")
    old, new = Reader(payload), Bits()
    if old.get(4) != 1:
        sys.exit("av1.py: this is no key frame that is shown")
    new.put(0, 4)               # show_existing_frame, frame_type, show_frame
    new.put(1, 1).put(0, 1)     # showable_frame, error_resilient_mode
    new.put(old.get(1), 1)      # disable_cdf_update
    screen_content = sequence.forced_screen_content
    if sequence.choose_screen_content:
        screen_content = old.get(1)
        new.put(screen_content, 1)
    if screen_content and sequence.choose_integer_mv:
        new.put(old.get(1), 1)
    if old.get(1):
        sys.exit("av1.py: the frame has a size of its own")
    new.put(1, 1)               # frame_size_override_flag
    new.put(old.get(sequence.order_hint_bits), sequence.order_hint_bits)
    new.put(1 << slot, 8)       # refresh_frame_flags
    new.put(sequence.width, sequence.width_bits).put(sequence.height, sequence.height_bits)
    new.bits += old.bits[old.at:]
    return new.data()


def hide(units, number, slot, earlier):
    """UNITS with key frame NUMBER decoded EARLIER units before it is shown."""
    at = [i for i, unit in enumerate(units) if is_key(unit)][number]
    headers = [o for o in split(units[at]) if o[0] != FRAME]
    frame, = [payload for kind, payload in split(units[at]) if kind == FRAME]
    sequence = Sequence(next(payload for kind, payload in headers if kind == SEQUENCE))
    host = split(units[at - earlier])
    hidden = (FRAME, hidden_key(sequence, frame, slot))
    shown = (FRAME_HEADER, Bits().put(1, 1).put(slot, 3).put(1, 1).data())
    return units[:at - earlier] + [join([host[0], hidden] + host[1:])] + \
        units[at - earlier + 1:at] + [join(headers + [shown])] + units[at + 1:]


def main():
    """One of the commands."""
    if len(sys.argv) == 4 and sys.argv[1] == "annexb":
        header, units = ivf.read(sys.argv[2])
        ivf.write(sys.argv[3], header, [annexb_unit(unit) for unit in units])
    elif len(sys.argv) == 7 and sys.argv[1] == "hide":
        header, units = ivf.read(sys.argv[2])
        ivf.write(sys.argv[6], header, hide(units, *map(int, sys.argv[3:6])))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
