#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Decode broken streams and check that each ends, soon and with clear words.

usage: badinput.py CODEC CLIPS ELEMENT TOOL [--lenient] [--unparsed]

CLIPS is the folder that clips-CODEC.sh made, TOOL is decode-md5. After every
group of broken streams a good one must decode exactly. With --lenient, ELEMENT is
not ours: it may crash, but not hang, and a GStreamer CRITICAL counts as a crash.
With --unparsed, it gets the bytes of the file without a parser. Writes TAP lines without numbers, with the kind of each result:
"refused" where the error has the words that it must have.

A module badinput_CODEC.py has the streams: MAKERS, functions that put them into a
Folder; GOOD, the name of the good clip, and its SUFFIX; PARSED and UNPARSED, what
is between the file and the decoder; CONTROL, a software decoder: what fails alike
with it fails in front of the decoder.
"""

import argparse
import importlib
import os
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../../validate"))
# pylint: disable=wrong-import-position
import runner  # noqa: E402
import tool  # noqa: E402

SECONDS = 20        # time limit for a stream
# Streams of each sort of random damage; half of that with an option.
SEEDS = 8 if os.environ.get("DAEDALUS_FULL") else 4
ANY_FORMAT = "yuv420p10le"  # everything can be converted to it
AGAIN = 10          # how often a good stream is decoded again because a job was late
STATS = os.environ.get("DAEDALUS_STATS", "/sys/kernel/debug/daedalus_v4l2/stats")
PEAK_MIB = 1536     # limit for the resident memory of a process with our element

# Messages that do not name the reason.
UNCLEAR = ("Internal data stream error", "Internal data flow error", "Could not multiplex")


class Folder:
    """The broken streams: (group, name, path, words), in the order of their making."""

    def __init__(self, clips, folder, suffix, seeds):
        self.clips, self.folder, self.suffix, self.seeds = clips, folder, suffix, seeds
        self.streams = []

    def path(self, group, name, words=None):
        """The path of a new stream. With WORDS, the error must have one of them."""
        name_of_file = f"{group}-{name}.{self.suffix}".replace(" ", "-").replace("/", "_")
        self.streams.append((group, name, os.path.join(self.folder, name_of_file), words))
        return self.streams[-1][2]

    def add(self, group, name, data, words=None):
        """A new stream with DATA."""
        with open(self.path(group, name, words), "wb") as file:
            file.write(data)


def judge(words, fields, lenient):
    """None, or the fault of an answer of decode-md5 about a broken stream."""
    if fields[0] == "ok":
        return "decoded" if words and not lenient else None
    message = fields[1]
    if message.startswith(("hung:", "no end of stream")):
        return message
    if lenient:
        return None
    if message.startswith("crashed:") or unclear(message):
        return message
    return f"the error does not say {words}: {message}" if words and words not in message else None


def unclear(message):
    """Does this error message not name the reason?"""
    return any(text in message for text in UNCLEAR)


def from_decoder(message):
    """Did the decoder, which decode-md5 names "dec", post this error?"""
    return message.startswith("dec:")


def same_failure(one, other):
    """Do two answers fail alike, whatever the decoder?

    The elements before the decoder race to report the error, so its text can differ.
    """
    return other[0] == "error" and (
        one[1].startswith("crashed:") and other[1].startswith("crashed:") or
        unclear(one[1]) and not from_decoder(one[1]) and not from_decoder(other[1]))


def peak_mib(tool):
    """Peak resident memory of the tool's process, MiB."""
    with open(f"/proc/{tool.process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) // 1024


def report(kind, name, why):
    """Print a TAP line without a number: passed, or failed with the reason WHY."""
    print(f"not ok {name}: {why}" if why else f"ok {name} # {kind}", flush=True)


class Test:
    """An element under test, and the software decoder that it is compared with."""

    def __init__(self, codec, args):
        self.lenient = args.lenient
        self.via = codec.UNPARSED if args.unparsed else codec.PARSED
        self.control_via = codec.PARSED
        self.tool = tool.Tool(args.tool, args.element, SECONDS)
        self.control = tool.Tool(args.tool, codec.CONTROL, SECONDS)
        self.control_name = codec.CONTROL
        self.good = os.path.join(args.clips, f"{codec.GOOD}.{codec.SUFFIX}")
        # All later runs must have the MD5 of the first run. The end-to-end suites
        # compare it with the reference decoder.
        self.retries = runner.Retries(AGAIN)
        self.exact = self.decode_good("a good stream before")
        report("check", "a good stream before",
               "" if self.exact[0] == "ok" else self.exact[1])

    def decode_good(self, name):
        """The answer about the good stream, from a run without a missed deadline if possible."""
        while True:
            before = runner.counters(STATS)[1]
            fields = self.tool.decode(self.good, "yuv420p", self.via)
            late = runner.counters(STATS)[1] - before
            if not late or not self.retries.take(name, f"jobs past their deadline: {late}"):
                return fields

    def broken(self, group, name, path, words):
        """Decode one broken stream and judge the answer."""
        start = time.monotonic()
        fields = self.tool.decode(path, ANY_FORMAT, self.via)
        why = judge(words, fields, self.lenient)
        said = f"{fields[2]} frames" if fields[0] == "ok" else fields[1]
        print(f"# {group}, {name}: {said} ({time.monotonic() - start:.2f} s)",
              file=sys.stderr, flush=True)
        if why and same_failure(fields, self.control.decode(
                path, ANY_FORMAT, self.control_via)):
            print(f"ok {group}, {name} # SKIP GStreamer fails so with {self.control_name} too: "
                  f"{said}", flush=True)
        else:
            report("refused" if words and not self.lenient else "survived",
                   f"{group}, {name}", why)

    def again(self, group):
        """Check that the good stream decodes exactly after a group."""
        name = f"a good stream after: {group}"
        fields = self.decode_good(name)
        report("exact", name,
               "" if fields[:2] == self.exact[:2] else fields[1])

    def end(self):
        """Check the peak memory and end the processes."""
        if not self.lenient and self.tool.process:
            peak = peak_mib(self.tool)
            report("check", f"never more than {PEAK_MIB} MiB",
                   "" if peak <= PEAK_MIB else f"{peak} MiB")
        self.control.end()
        return self.tool.end()


def main():
    """Make the streams, decode, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("codec")
    parser.add_argument("clips")
    parser.add_argument("element")
    parser.add_argument("tool")
    parser.add_argument("--lenient", action="store_true")
    parser.add_argument("--unparsed", action="store_true")
    args = parser.parse_args()

    if args.lenient:
        # After a failed assertion GStreamer goes on with values that were never set:
        # it may wait for ever, or copy gigabytes. End there, as a crash.
        os.environ["G_DEBUG"] = "fatal-criticals"
    codec = importlib.import_module(f"badinput_{args.codec}")
    test = Test(codec, args)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Folder(args.clips, temporary, codec.SUFFIX,
                        SEEDS // 2 if args.lenient or args.unparsed else SEEDS)
        for make in codec.MAKERS:
            make(folder)
        for group in dict.fromkeys(group for group, *_ in folder.streams):
            for stream in (s for s in folder.streams if s[0] == group):
                test.broken(*stream)
            test.again(group)
    return test.end()


if __name__ == "__main__":
    sys.exit(main())
