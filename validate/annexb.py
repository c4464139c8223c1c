# SPDX-License-Identifier: LGPL-2.1-or-later
"""AV1 streams in the length-delimited format of Annex B, as Argon has them.

No element splits such a file, so it is converted to the low-overhead format.
"""

# A temporal delimiter in the low-overhead format, with which a file begins.
DELIMITER = b"\x12\x00"
HAS_EXTENSION, HAS_SIZE = 0x04, 0x02


def is_annex_b(path):
    """Is a file without a container in this format? It begins with a length."""
    with open(path, "rb") as file:
        return file.read(len(DELIMITER)) != DELIMITER


def leb128(data, at, end):
    """(value, position behind it) of a number."""
    value = 0
    for number in range(8):
        if at + number >= end:
            break
        byte = data[at + number]
        value |= (byte & 0x7f) << (7 * number)
        if not byte & 0x80:
            return value, at + number + 1
    raise ValueError(f"no length at byte {at}")


def size_of(number):
    """A number as leb128."""
    out = bytearray()
    while True:
        out.append(number & 0x7f | (0x80 if number > 0x7f else 0))
        number >>= 7
        if not number:
            return bytes(out)


def units(data, begin, end):
    """(begin, end) of each unit, which begins with its length."""
    while begin < end:
        length, begin = leb128(data, begin, end)
        if length > end - begin:
            raise ValueError(f"a unit at byte {begin} is longer than what holds it")
        yield begin, begin + length
        begin += length


def low_overhead(data):
    """The stream in the low-overhead format; ValueError if it is not of Annex B."""
    out = bytearray()
    for unit in units(data, 0, len(data)):
        for frame in units(data, *unit):
            for begin, end in units(data, *frame):
                if begin == end:
                    raise ValueError(f"an empty OBU at byte {begin}")
                header = data[begin]
                behind = begin + (2 if header & HAS_EXTENSION else 1)
                out += bytes([header | HAS_SIZE]) + data[begin + 1:behind]
                if header & HAS_SIZE:
                    _, payload = leb128(data, behind, end)
                    out += data[behind:payload]
                    behind = payload
                else:
                    out += size_of(end - behind)
                out += data[behind:end]
    return bytes(out)
