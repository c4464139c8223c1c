# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes, reads and breaks bits."""


class Bits:
    """Writes bits, most significant first."""

    def __init__(self):
        self.bits = []

    def put(self, value, count):
        """Append the COUNT low bits of VALUE: u(n)."""
        self.bits += [value >> i & 1 for i in reversed(range(count))]
        return self

    def unsigned(self, value):
        """Append ue(v), 9.1 of the standard."""
        length = (value + 1).bit_length()
        return self.put(0, length - 1).put(value + 1, length)

    def trailing(self):
        """Append rbsp_trailing_bits()."""
        return self.put(1, 1).put(0, -len(self.bits) % 8)

    def data(self):
        """The bytes, padded with zeros."""
        padded = self.bits + [0] * (-len(self.bits) % 8)
        return bytes(sum(bit << 7 - i for i, bit in enumerate(padded[at:at + 8]))
                     for at in range(0, len(padded), 8))


class Reader:
    """Reads bits, most significant first; AT is the position."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def get(self, count):
        """u(n)"""
        value = 0
        for _ in range(count):
            value = value << 1 | self.data[self.at // 8] >> 7 - self.at % 8 & 1
            self.at += 1
        return value

    def unsigned(self):
        """ue(v), 9.1 of the standard."""
        zeros = 0
        while not self.get(1):
            zeros += 1
        return (1 << zeros) - 1 + self.get(zeros)


def flip_count(seed):
    """How many bits flip() flips in the stream with this number: of the first two, few and many."""
    return (8, 512, 1, 64)[seed % 4]


def flip(frames, rng, count, first_bytes=None):
    """FRAMES with COUNT flipped bits in total, only among each frame's FIRST_BYTES if given."""
    frames = [bytearray(frame) for frame in frames]
    for _ in range(count):
        frame = rng.choice(frames)
        end = min(len(frame), first_bytes or len(frame))
        if end:
            frame[rng.randrange(end)] ^= 1 << rng.randrange(8)
    return [bytes(frame) for frame in frames]
