#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run a conformance list through a decoder element and compare the MD5s.

A list is a test suite in fluster's JSON form: {"name", "codec", "description",
"test_vectors": [{"name", "source_checksum", "input_file", "output_format",
"result"}]}. Streams are looked up in --dir, by "input_file", and must have
their "source_checksum".

Writes TAP to stdout: one line per stream with its result, "# exact",
"# refused: MESSAGE", "# excused: REASON" or "# SKIP REASON", a line "# RETRY NAME: WHY"
each time a stream is decoded again, and a last line that tells whether the number of
retries is within the limit.
"""

import argparse
import hashlib
import os
import selectors
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import verdict  # noqa: E402

# Maximum number of attempts for a stream when jobs miss their deadline, and
# maximum number of retries for all streams of a list together.
TRIES = 3
AGAIN = 10

# Seconds that decode-md5 gets beyond its own timeout before it counts as hung.
GRACE = 15


class Tool:
    """A decode-md5 process; started again when it crashed or hung."""

    def __init__(self, path, decoder, timeout, grace=GRACE):
        self.command = [path, "--decoder", decoder, "--timeout", str(timeout)]
        self.patience = timeout + grace
        self.process = None

    def decode(self, path, output_format, via="", fields=""):
        """["ok", md5, frames, milliseconds] or ["error", message].

        VIA has the elements or caps before the decoder, which replace parsebin.
        FIELDS is a file for the MD5s of the fields of each frame.
        """
        if not self.process:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(f"{path}\t{output_format}\t{via}\t{fields}\n")
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
        """Wait for the process. Returns its status, 0 if there is no process."""
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


class Retries:
    """Counts how often streams were decoded again; LIMIT is the maximum in total."""

    def __init__(self, limit):
        self.limit = limit
        self.times = {}
        self.exceeded = False

    def total(self):
        """How often any stream was decoded again."""
        return sum(self.times.values())

    def take(self, name, why):
        """May this stream be decoded again? If so, writes a RETRY line to the report."""
        if self.times.get(name, 0) + 1 >= TRIES:
            print(f"# {name}: {why}; decoded {TRIES} times already", flush=True)
            return False
        if self.total() >= self.limit:
            self.exceeded = True
            print(f"# {name}: {why}; {self.limit} times one was decoded again, no more",
                  flush=True)
            return False
        self.times[name] = self.times.get(name, 0) + 1
        print(f"# RETRY {name}: {why}", flush=True)
        return True

    def report(self, number):
        """Write the result NUMBER: the number of retries is within the limit."""
        print(f"{'not ok' if self.exceeded else 'ok'} {number} - decoded again: "
              f"{len(self.times)} streams, {self.total()} times; {self.limit} times are allowed "
              "# check", flush=True)


def md5_of(path):
    """MD5 of a file, in hex."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()


def counters(path):
    """The driver's counts of failed jobs and of jobs that missed their deadline."""
    if not path:
        return 0, 0
    with open(path, encoding="utf-8") as file:
        values = dict(line.split() for line in file)
    return int(values["failed"]), int(values["deadlines"])


class Test:
    """A list of streams, an element, and the excuses for it."""

    def __init__(self, args, tool):
        self.args = args
        self.tool = tool
        self.unparsed = dict(item.split(":", 1) for item in args.unparsed)
        self.excuses = verdict.Excuses(args.excuses, args.decoder.split()[0])
        self.retries = Retries(args.again)
        self.totals = {"exact": 0, "frames": 0, "ms": 0}

    def decode(self, vector, fields=""):
        """The answer of decode-md5, and the numbers of failed and of late jobs meanwhile."""
        failed, late = counters(self.args.stats)
        answer = self.tool.decode(os.path.join(self.args.dir, vector["input_file"]),
                                  vector["output_format"],
                                  self.unparsed.get(vector["name"], ""), fields)
        now_failed, now_late = counters(self.args.stats)
        return answer, now_failed - failed, now_late - late

    def decode_in_time(self, vector, fields=""):
        """The answer of decode-md5, from a run without a missed deadline if possible.

        If the machine is too slow, a job misses its deadline, and a client that ignores
        V4L2_BUF_FLAG_ERROR outputs the frame anyway. That is no fault of the decoder, so
        the stream is decoded again.
        """
        while True:
            answer, failed, late = self.decode(vector, fields)
            if not late or self.excuses.final(vector, answer) or \
                    not self.retries.take(vector["name"], f"jobs past their deadline: {late}"):
                return answer, failed

    def judge_fields(self, vector):
        """The verdict on a stream with frames that may show one of their fields twice.

        The frames of a wrong run are compared with those of an exact run, so the stream
        is decoded again until it is exact.
        """
        with tempfile.NamedTemporaryFile("r", encoding="ascii") as file:
            def decode():
                answer, failed = self.decode_in_time(vector, file.name)
                file.seek(0)
                return answer, failed, [tuple(line.split()) for line in file]

            answer, failed, shown = decode()
            result = verdict.judge(vector, answer, self.excuses, self.args.named_refusals)
            if result[0] != "wrong" or answer[0] != "ok" or failed:
                return result, answer
            again = answer
            while again[1] != vector["result"]:
                if not self.retries.take(vector["name"], f"wrong with no job failed, {result[1]}"):
                    return result, answer
                again, _, exact = decode()
        numbers = verdict.lone_fields(shown, exact)
        if numbers:
            frames = ", ".join(str(n) for n in numbers)
            return ("excused", f"{self.excuses.lone_fields} (frames {frames} of {len(shown)})"), \
                answer
        return ("wrong", f"{result[1]}, exact when decoded again; frames differ in more than "
                "one field shown twice"), answer

    def judge(self, vector):
        """The verdict on one stream; its kind can also be "skipped"."""
        path = os.path.join(self.args.dir, vector["input_file"])
        if not os.path.exists(path):
            return ("wrong" if self.args.missing == "fail" else "skipped",
                    f"not in the folder of streams: {vector['input_file']}")
        if md5_of(path) != vector["source_checksum"]:
            return "wrong", f"{vector['input_file']} is not the file that the list was made of"
        if vector.get("field_pictures") and self.excuses.lone_fields:
            result, answer = self.judge_fields(vector)
        else:
            answer, _ = self.decode_in_time(vector)
            result = verdict.judge(vector, answer, self.excuses, self.args.named_refusals)
        if answer[0] == "ok":
            self.totals["frames"] += int(answer[2])
            self.totals["ms"] += int(answer[3])
            self.totals["exact"] += answer[1] == vector["result"]
        return result

    def run(self, vectors):
        """Decode and judge all streams; print TAP."""
        for number, vector in enumerate(vectors, 1):
            kind, why = self.judge(vector)
            if kind == "wrong":
                print(f"not ok {number} - {vector['name']}\n# {why}", flush=True)
            else:
                mark = f"SKIP {why}" if kind == "skipped" else f"{kind}: {why}" if why else kind
                print(f"ok {number} - {vector['name']} # {mark}", flush=True)
        self.retries.report(len(vectors) + 1)
        print(f"1..{len(vectors) + 1}", flush=True)


def parse(argv):
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lists", nargs="+", help="test suites in fluster's JSON form")
    parser.add_argument("--dir", required=True, help="folder of the streams")
    parser.add_argument("--decoder", required=True,
                        help="GStreamer element, with properties as gst-launch-1.0 takes them")
    parser.add_argument("--tool", required=True, help="path of decode-md5")
    parser.add_argument("--timeout", type=int, default=60, help="seconds per stream")
    parser.add_argument("--excuses", help="JSON: what elements cannot do, see verdict.py")
    parser.add_argument("--only", help="only streams whose output_format is in this "
                        "comma-separated list")
    parser.add_argument("--streams", help="only streams of these names, comma-separated")
    parser.add_argument("--missing", choices=("skip", "fail"), default="skip",
                        help="what a stream is that is not in the folder (default: skip)")
    parser.add_argument("--unparsed", action="append", default=[], metavar="NAME:CAPS",
                        help="give the bytes of this stream to the decoder as CAPS, without "
                        "a parser; may be repeated")
    parser.add_argument("--stats", help="the driver's statistics in debugfs; with them, a stream "
                        f"that missed a deadline is decoded up to {TRIES} times")
    parser.add_argument("--again", type=int, default=AGAIN, help="how often streams may be "
                        f"decoded again, all together (default: {AGAIN})")
    parser.add_argument("--named-refusals", action="store_true",
                        help="an error must name what of the stream is not supported")
    return parser.parse_args(argv)


def choose(args):
    """The test vectors that the arguments select, in the order of the list."""
    vectors = [vector for path in args.lists for vector in verdict.load(path)]
    if args.only:
        vectors = [v for v in vectors if v["output_format"] in args.only.split(",")]
    if args.streams:
        wanted = args.streams.split(",")
        unknown = set(wanted) - {v["name"] for v in vectors}
        if unknown:
            sys.exit(f"conformance.py: not in the list: {', '.join(sorted(unknown))}")
        vectors = [v for v in vectors if v["name"] in wanted]
    return vectors


def main():
    """Run the list; the exit status is 0 if nothing failed."""
    args = parse(None)
    vectors = choose(args)
    decodable = sum(v["output_format"] in verdict.DECODABLE for v in vectors)
    tool = Tool(args.tool, args.decoder, args.timeout)
    test = Test(args, tool)
    test.run(vectors)
    print(f"{args.decoder}: {test.totals['exact']} of {decodable} exact, "
          f"{test.totals['frames']} frames in {test.totals['ms']} ms", file=sys.stderr)
    return tool.end()


if __name__ == "__main__":
    sys.exit(main())
