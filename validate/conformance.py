#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run a conformance list through a decoder element and compare the MD5s.

A list is a test suite in fluster's JSON form: {"name", "codec", "description",
"test_vectors": [{"name", "source_checksum", "input_file", "output_format",
"result"}]}. Streams are looked up in --dir, by "input_file", and must have
their "source_checksum".

Writes TAP to stdout: one line per stream.
"""

import argparse
import hashlib
import json
import os
import selectors
import subprocess
import sys

DECODABLE = ("yuv420p", "yuvj420p", "yuv420p10le")

# What an error message has to name, one of these, by a part of the output format's
# name. RGB is 4:4:4 with another matrix.
UNSUPPORTED = {
    "gbr": ("RGB", "4:4:4"),
    "yuv422": ("4:2:2",),
    "yuv440": ("4:4:0",),
    "yuv444": ("4:4:4",),
    "p12le": ("12 bits",),
    "p14le": ("14 bits",),
    "?": ("slice groups",),
}

# How often a stream is decoded of which the device said that frames came too late.
TRIES = 3

# Seconds that decode-md5 gets beyond its own timeout before it counts as hung.
GRACE = 15


class Tool:
    """A decode-md5 process; started again when it crashed or hung."""

    def __init__(self, path, decoder, timeout):
        self.command = [path, "--decoder", decoder, "--timeout", str(timeout)]
        self.patience = timeout + GRACE
        self.process = None

    def decode(self, path, output_format, via=""):
        """["ok", md5, frames, milliseconds] or ["error", message].

        VIA is what comes before the decoder, such as caps, in the place of parsebin.
        """
        if not self.process:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(f"{path}\t{output_format}\t{via}\n")
        self.process.stdin.flush()
        # An answer is one line, written at once.
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(self.patience):
                self.process.kill()
                self.end()
                return ["error", f"hung: decode-md5 did not answer in {self.patience} s"]
        line = self.process.stdout.readline()
        # A failed assertion of GLib says "Bail out!" there, too.
        if not line.startswith(f"{path}\t"):
            return ["error", f"crashed: decode-md5 ended with status {self.end()}"]
        return line.rstrip("\n").split("\t")[1:]

    def end(self):
        """Wait for the process; its status, 0 if there is none."""
        if not self.process:
            return 0
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        status = self.process.wait()
        self.process.stdout.close()
        self.process = None
        return status


def load(path):
    """The test vectors of a list, in order."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)["test_vectors"]


def load_excuses(path, element):
    """Streams that ELEMENT cannot do, by its own limits: {name: reason}."""
    if not path:
        return {}
    with open(path, encoding="utf-8") as file:
        return json.load(file).get(element, {})


def md5_of(path):
    """MD5 of a file, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def broken(message):
    """A message of ours about the test itself, not of the element."""
    return message.startswith(("hung:", "crashed:", "no end of stream", "end of stream without"))


def judge_refusal(output_format, fields, named):
    """(passed, explanation) for a stream that no element of ours decodes."""
    if fields[0] == "ok":
        return False, f"decoded although {output_format} is not supported"
    if broken(fields[1]):
        return False, f"not refused with an error: {fields[1]}"
    missing = [" or ".join(texts) for part, texts in UNSUPPORTED.items()
               if part in output_format and not any(text in fields[1] for text in texts)]
    if named and missing:
        return False, f"the error does not name {' and '.join(missing)}: {fields[1]}"
    return True, f"refused: {fields[1]}"


def judge(vector, fields, excuse, named):
    """(passed, explanation) for one answer of decode-md5."""
    if vector["output_format"] not in DECODABLE:
        return judge_refusal(vector["output_format"], fields, named)
    exact = fields[0] == "ok" and fields[1] == vector["result"]
    if exact:
        # An excuse that is not needed any more must go.
        return (False, f"exact, but listed as impossible: {excuse}") if excuse else (True, "")
    what = f"MD5 {fields[1]}, expected {vector['result']}, {fields[2]} frames" \
        if fields[0] == "ok" else fields[1]
    return (True, f"SKIP {excuse} ({what})") if excuse else (False, what)


def deadlines(path):
    """How many jobs have missed their deadline, by the driver's statistics."""
    if not path:
        return 0
    with open(path, encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("deadlines "))


def decode_in_time(tool, path, vector, via, stats):
    """What decode-md5 answers, of a run without a missed deadline if there is one.

    A client that does not look at V4L2_BUF_FLAG_ERROR takes a frame that the machine
    was too slow for as decoded. That says nothing about the decoder, so try again.
    """
    for left in reversed(range(TRIES)):
        before = deadlines(stats)
        fields = tool.decode(path, vector["output_format"], via)
        missed = deadlines(stats) - before
        if not missed or fields[1] == vector["result"]:
            break
        print(f"# {vector['name']}: jobs past their deadline: {missed}, "
              f"{'decoded again' if left else 'no try left'}", flush=True)
    return fields


def run(vectors, tool, args):
    """Decode and judge all; prints TAP, returns (exact, decodable, frames, milliseconds)."""
    unparsed = dict(item.split(":", 1) for item in args.unparsed)
    excuses = load_excuses(args.excuses, args.decoder.split()[0])
    exact = decodable = frames = milliseconds = 0
    for number, vector in enumerate(vectors, 1):
        path = os.path.join(args.dir, vector["input_file"])
        decodable += vector["output_format"] in DECODABLE
        if not os.path.exists(path):
            print(f"ok {number} - {vector['name']} # SKIP no {vector['input_file']} in the folder "
                  "of streams", flush=True)
            continue
        if md5_of(path) != vector["source_checksum"]:
            passed, why = False, f"{vector['input_file']} is not the file that the list was made of"
        else:
            fields = decode_in_time(tool, path, vector, unparsed.get(vector["name"], ""),
                                    args.stats)
            passed, why = judge(vector, fields, excuses.get(vector["name"]), args.named_refusals)
            if fields[0] == "ok":
                frames += int(fields[2])
                milliseconds += int(fields[3])
                exact += fields[1] == vector["result"]
        mark = f" # {why}" if why and passed else ""
        print(f"{'ok' if passed else 'not ok'} {number} - {vector['name']}{mark}", flush=True)
        if not passed:
            print(f"# {why}", flush=True)
    print(f"1..{len(vectors)}", flush=True)
    return exact, decodable, frames, milliseconds


def main():
    """Parse the arguments, decode, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lists", nargs="+", help="test suites in fluster's JSON form")
    parser.add_argument("--dir", required=True, help="folder of the streams")
    parser.add_argument("--decoder", required=True,
                        help="GStreamer element, with properties as gst-launch-1.0 takes them")
    parser.add_argument("--tool", required=True, help="path of decode-md5")
    parser.add_argument("--timeout", type=int, default=60, help="seconds per stream")
    parser.add_argument("--excuses", help="JSON: {element: {stream: reason}}")
    parser.add_argument("--only", help="only streams whose output_format is in this "
                        "comma-separated list")
    parser.add_argument("--streams", help="only streams of these names, comma-separated")
    parser.add_argument("--unparsed", action="append", default=[], metavar="NAME:CAPS",
                        help="give the bytes of this stream to the decoder as CAPS, without "
                        "a parser; may be repeated")
    parser.add_argument("--stats", help="the driver's statistics in debugfs; with them, a stream "
                        f"that missed a deadline is decoded up to {TRIES} times")
    parser.add_argument("--named-refusals", action="store_true",
                        help="an error must name what of the stream is not supported")
    args = parser.parse_args()

    vectors = [vector for path in args.lists for vector in load(path)]
    if args.only:
        vectors = [v for v in vectors if v["output_format"] in args.only.split(",")]
    if args.streams:
        wanted = args.streams.split(",")
        unknown = set(wanted) - {v["name"] for v in vectors}
        if unknown:
            sys.exit(f"conformance.py: not in the list: {', '.join(sorted(unknown))}")
        vectors = [v for v in vectors if v["name"] in wanted]

    tool = Tool(args.tool, args.decoder, args.timeout)
    exact, decodable, frames, milliseconds = run(vectors, tool, args)
    print(f"{args.decoder}: {exact} of {decodable} exact, {frames} frames in {milliseconds} ms",
          file=sys.stderr)
    return tool.end()


if __name__ == "__main__":
    sys.exit(main())
