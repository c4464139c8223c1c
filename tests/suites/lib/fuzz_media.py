#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Decode mutated streams for a time, and check that each ends, soon and with clear words.

usage: fuzz_media.py CODEC CLIPS ELEMENT TOOL --seconds N --seed N [--only N] [--slow N]

A stream is a clip with several mutations: flipped bits, noise, units that are lost,
doubled, exchanged, truncated, or taken from another clip. Stream number N depends on
the seed and on N alone; --only decodes just that one. After every GROUP of streams a good
one must decode exactly. Writes TAP lines without numbers.

badinput.py judges the answers; it has broken streams of known kinds.
"""

import argparse
import glob
import importlib
import os
import random
import sys
import tempfile
import time

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import badinput  # noqa: E402
import h264  # noqa: E402
import ivf  # noqa: E402
from bits import flip  # noqa: E402

GROUP = 20              # streams between two good ones
MOST_UNITS = 60         # units of a clip that are used, to save time
LARGEST = 400000        # bytes of a clip


class Ivf:
    """Streams of IVF frames."""

    @staticmethod
    def read(path):
        """(what write() needs, units)"""
        return ivf.read(path)

    @staticmethod
    def write(path, header, units):
        """A file of UNITS."""
        ivf.write(path, header, units)


class ByteStream:
    """Streams of H.264 NAL units."""

    @staticmethod
    def read(path):
        """(what write() needs, units)"""
        with open(path, "rb") as file:
            return None, h264.split(file.read())

    @staticmethod
    def write(path, _, units):
        """A file of UNITS."""
        with open(path, "wb") as file:
            file.write(h264.join(units))


CONTAINERS = {"ivf": Ivf, "264": ByteStream}


def flip_some(units, rng, _):
    """Flipped bits, anywhere or in the headers."""
    return flip(units, rng, rng.choice((1, 1, 2, 8, 64, 400)), rng.choice((None, 8, 24)))


def lose(units, rng, _):
    """Some units are missing."""
    share = rng.choice((0.02, 0.1, 0.4))
    return [unit for unit in units if rng.random() > share]


def double(units, rng, _):
    """Some units come again, at once or later."""
    at, size = rng.randrange(len(units)), rng.randrange(1, 5)
    again = units[at:at + size]
    to = rng.choice((at, rng.randrange(len(units))))
    return units[:to] + again + units[to:]


def exchange(units, rng, _):
    """Units change places."""
    units = list(units)
    for _ in range(rng.randrange(1, 4)):
        one, other = rng.randrange(len(units)), rng.randrange(len(units))
        units[one], units[other] = units[other], units[one]
    return units


def truncate(units, rng, _):
    """Some units end early, or are empty."""
    share = rng.choice((0.02, 0.2))
    return [unit[:rng.randrange(len(unit) + 1)] if rng.random() < share else unit
            for unit in units]


def scribble(units, rng, _):
    """Noise, zeros or ones over a part of a unit."""
    units = list(units)
    for _ in range(rng.randrange(1, 4)):
        number = rng.randrange(len(units))
        at, size = rng.randrange(len(units[number]) + 1), rng.randrange(1, 40)
        fill = rng.choice((rng.randbytes(size), bytes(size), b"\xff" * size))
        units[number] = units[number][:at] + fill + units[number][at + rng.choice((0, size)):]
    return units


def splice(units, rng, others):
    """Units of another clip in the middle, or from there on."""
    other = rng.choice(others)
    first, at = rng.randrange(len(other)), rng.randrange(len(units))
    return units[:at] + other[first:first + rng.randrange(1, 12)] + \
        (units[at:] if rng.random() < 0.7 else [])


MUTATIONS = (flip_some, flip_some, flip_some, lose, double, exchange, truncate, scribble,
             scribble, splice)


class Clips:
    """The good clips of a codec, as units."""

    def __init__(self, folder, suffix):
        self.container = CONTAINERS[suffix]
        self.clips = []
        for path in sorted(glob.glob(os.path.join(folder, f"*.{suffix}"))):
            if os.path.getsize(path) <= LARGEST and ".annexb." not in path:
                header, units = self.container.read(path)
                self.clips.append((os.path.basename(path), header, units[:MOST_UNITS]))

    def mutate(self, path, rng):
        """Write a mutated clip; return what was done."""
        name, header, units = rng.choice(self.clips)
        others = [other for _, _, other in self.clips]
        done = [name]
        for _ in range(rng.choice((1, 1, 2, 3, 5))):
            if not units:
                break
            mutation = rng.choice(MUTATIONS)
            units = mutation(units, rng, others)
            done.append(mutation.__name__)
        self.container.write(path, header, units)
        return " ".join(done)


class Fuzz:
    """Mutated streams of a codec until the time is over."""

    def __init__(self, args, codec):
        self.args, self.codec = args, codec
        self.clips = Clips(args.clips, codec.SUFFIX)
        tests = []
        for unparsed in (False, True):
            tests.append(badinput.Test(codec, argparse.Namespace(
                tool=args.tool, element=args.element, clips=args.clips, lenient=False,
                unparsed=unparsed)))
        self.tests = tests
        self.answers = {"decoded": 0, "refused": 0, "upstream": 0}

    def stream(self, folder, number):
        """Decode stream NUMBER; None, or what is wrong."""
        rng = random.Random(f"{self.args.seed} {self.args.codec} {number}")
        path = os.path.join(folder, f"mutated.{self.codec.SUFFIX}")
        done = self.clips.mutate(path, rng)
        test = self.tests[number % 2]
        start = time.monotonic()
        fields = test.tool.decode(path, badinput.ANY_FORMAT, test.via)
        why = badinput.judge(None, fields, False)
        said = f"{fields[2]} frames" if fields[0] == "ok" else fields[1]
        print(f"# {number}: {done}: {said} ({time.monotonic() - start:.2f} s)",
              file=sys.stderr, flush=True)
        if why and badinput.same_failure(fields, test.control.decode(
                path, badinput.ANY_FORMAT, test.control_via)):
            self.answers["upstream"] += 1
            return None
        self.answers["decoded" if fields[0] == "ok" else "refused"] += 1
        return f"stream {number} of seed {self.args.seed} ({done}): {why}" if why else None

    def good(self, number):
        """None, or why the good stream did not decode exactly after stream NUMBER."""
        name = f"the good stream after stream {number} of seed {self.args.seed}"
        for test in self.tests:
            fields = test.decode_good(name)
            if fields[:2] != test.exact[:2]:
                return f"{name}: {fields[1]}"
        return None

    def run(self):
        """All streams; the first fault is the last one."""
        end, number, why = time.monotonic() + self.args.seconds, 0, None
        with tempfile.TemporaryDirectory() as folder:
            if self.args.only is not None:
                number, why = 1, self.stream(folder, self.args.only) or self.good(self.args.only)
            while self.args.only is None and not why and time.monotonic() < end:
                why = self.stream(folder, number)
                number += 1
                if not why and number % GROUP == 0:
                    why = self.good(number)
            why = why or self.good(number)
        said = ", ".join(f"{count} {what}" for what, count in self.answers.items())
        print(f"# {self.args.codec}: {number} mutated streams: {said}", flush=True)
        badinput.report("survived", f"{number} mutated streams, good ones are exact between", why)
        for test in self.tests:
            test.end()


def main():
    """Parse the command line and go."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("codec")
    parser.add_argument("clips")
    parser.add_argument("element")
    parser.add_argument("tool")
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--only", type=int)
    parser.add_argument("--slow", type=int, default=1)
    args = parser.parse_args()
    badinput.SECONDS *= args.slow
    Fuzz(args, importlib.import_module(f"badinput_{args.codec}")).run()


if __name__ == "__main__":
    main()
