#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests of validate/conformance.py and verdict.py: each seeded fault must be red.

usage: selftest_conformance.py DECODE_MD5

A fake program replaces decode-md5. It prints the answers that a test prescribes, or
crashes or hangs. DECODE_MD5 is the real program, for the test of its MD5s of fields.
Writes TAP lines without numbers.
"""

import contextlib
import hashlib
import io
import json
import os
import stat
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
VALIDATE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../../validate")
sys.path.insert(0, VALIDATE)
# pylint: disable=wrong-import-position
import conformance  # noqa: E402
import lists  # noqa: E402
import runner  # noqa: E402
import tool  # noqa: E402
import verdict  # noqa: E402

DECODE_MD5 = sys.argv[1] if len(sys.argv) > 1 else ""
RIGHT, WRONG, OTHER = "1" * 32, "2" * 32, "3" * 32

# Takes the next step of plan.json for each line of input. A step has the answer, "crash"
# or "hang"; the numbers of failed and late jobs; and the MD5s of fields.
FAKE = """#!/usr/bin/env python3
import fcntl, json, os, signal, sys, time
here = os.path.dirname(os.path.realpath(__file__))
lock = open(f"{here}/lock", "w")
for line in sys.stdin:
    fcntl.flock(lock, fcntl.LOCK_EX)
    path, _, _, fields = line.rstrip("\\n").split("\\t")
    with open(f"{here}/plan.json") as file:
        plan = json.load(file)
    step = plan[os.path.basename(path)].pop(0)
    with open(f"{here}/plan.json", "w") as file:
        json.dump(plan, file)
    with open(f"{here}/stats") as file:
        failed, late = (int(line.split()[1]) for line in file)
    with open(f"{here}/stats.new", "w") as file:
        print("failed", failed + step["failed"], file=file)
        print("deadlines", late + step["late"], file=file)
    os.replace(f"{here}/stats.new", f"{here}/stats")
    if fields:
        with open(fields, "w") as file:
            file.writelines(f"{' '.join(md5s)}\\n" for md5s in step["fields"])
    fcntl.flock(lock, fcntl.LOCK_UN)
    if step["answer"] == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if step["answer"] == "hang":
        time.sleep(60)
    print(path, step["answer"], sep="\\t", flush=True)
"""

OURS, STOCK = "daedalusvp9dec", "v4l2slvp9dec"
EXCUSES = {STOCK: {
    "lone_fields": "it does not wait for the second field",
    "streams": {
        "drops": {"reason": "it drops frames", "md5": [WRONG, OTHER]},
        "fails": {"reason": "the parser fails", "error": ["parse: no good"]},
    },
}}

# A stream with field pictures.
TORN = {"optional_params": {"field_pictures": True}}


def decoded(md5, late=0, failed=0, fields=()):
    """A step that answers with an MD5."""
    return {"answer": f"ok\t{md5}\t3\t10", "late": late, "failed": failed, "fields": fields}


def said(answer, late=0):
    """A step with another answer, such as "error<tab>MESSAGE"."""
    return {"answer": answer, "late": late, "failed": 0, "fields": ()}


class Runs(unittest.TestCase):
    """Runs conformance.py as a whole and checks its report."""

    # More members of the list.
    more = {}

    def setUp(self):
        # pylint: disable-next=consider-using-with
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.dir = self.temporary.name
        self.write("tool", FAKE)
        os.chmod(os.path.join(self.dir, "tool"), stat.S_IRWXU)
        self.write("excuses.json", json.dumps(EXCUSES))

    def write(self, name, text):
        """Write a file to the temporary folder."""
        with open(os.path.join(self.dir, name), "w", encoding="utf-8") as file:
            file.write(text)

    def report(self, plan, element=STOCK, args=(), pixels="yuv420p", **keys):
        """The TAP of a run over the streams of PLAN, {name: steps}; KEYS go to the vectors."""
        self.write("stats", "failed 7\ndeadlines 3\n")
        self.write("plan.json", json.dumps(plan))
        vectors = []
        for name, steps in plan.items():
            if steps is not None:
                self.write(name, name)
            vectors.append({"name": name, "input_file": name, "output_format": pixels,
                            "source_checksum": hashlib.md5(name.encode()).hexdigest(),
                            "result": RIGHT, **keys})
        self.write("list.json", json.dumps({"name": "LIST", "codec": "VP9",
                                            "test_vectors": vectors, **self.more}))
        parsed = conformance.parse([
            "run", f"{self.dir}/list.json", "--dir", self.dir, "--decoder", element,
            "--tool", f"{self.dir}/tool", "--excuses", f"{self.dir}/excuses.json",
            "--stats", f"{self.dir}/stats", "--stream-timeout", "2", "--tap", "--jobs", "1",
            "--missing", "skip", *args])
        out = io.StringIO()
        with contextlib.redirect_stdout(out), mock.patch.object(tool, "GRACE", 0):
            conformance.run_all(parsed)
        return out.getvalue().splitlines()

    def one(self, *steps, name="stream", **more):
        """The TAP of a run over one stream."""
        return self.report({name: list(steps)}, **more)

    def passes(self, report, end):
        """The first result is ok, and its line has the given end."""
        results = [line for line in report if line.startswith(("ok 1 ", "not ok 1 "))]
        self.assertTrue(results[0].startswith("ok 1 ") and results[0].endswith(end), report)

    def fails(self, report, why=""):
        """The first result is not ok, and the report has the reason."""
        self.assertTrue(any(line.startswith("not ok 1 ") for line in report), report)
        self.assertIn(why, "\n".join(report))

    def retries(self, report):
        """How many lines the suites count as retries."""
        return sum(line.startswith("# RETRY ") for line in report)


class Conformance(Runs):
    """Streams that are exact, wrong, excused, late, missing or refused."""

    def test_exact(self):
        """An exact stream, and the plan with the result about retries."""
        report = self.one(decoded(RIGHT))
        self.passes(report, " # exact")
        self.assertEqual(report[-1], "1..2")
        self.assertTrue(report[-2].startswith("ok 2 - decoded again: 0 streams, 0 times"))

    def test_wrong(self):
        """A wrong MD5, an error, a crash and a hang."""
        self.fails(self.one(decoded(WRONG)), f"expected {RIGHT}")
        self.fails(self.one(said("error\tno good")), "no good")
        self.fails(self.one(said("crash")), "crashed: decode-md5 ended with status -11")
        self.fails(self.one(said("hang")), "hung: decode-md5 did not answer")

    def test_other_file(self):
        """A file with another MD5 than the list has."""
        self.fails(self.one(decoded(RIGHT), source_checksum="0" * 32), "is not the file")

    def test_excused(self):
        """Each outcome that is recorded."""
        for md5 in (WRONG, OTHER):
            self.passes(self.one(decoded(md5), name="drops"), f"{RIGHT}, 3 frames)")
        report = self.one(said("error\tparse17: no good"), name="fails")
        self.passes(report, " # excused: the parser fails (parse17: no good)")

    def test_excused_otherwise(self):
        """An excused stream with a result that is not recorded."""
        self.fails(self.one(said("crash"), name="drops"), "crashed:")
        self.fails(self.one(said("hang"), name="drops"), "hung:")
        self.fails(self.one(said("crash"), name="fails"), "crashed:")
        self.fails(self.one(said("hang"), name="fails"), "hung:")
        self.fails(self.one(decoded("4" * 32), name="drops"), "not what is recorded")
        self.fails(self.one(said("error\tno good"), name="drops"), "not what is recorded")
        self.fails(self.one(said("error\tparse0: other"), name="fails"), "not what is recorded")
        self.fails(self.one(decoded(WRONG), name="fails"), "not what is recorded")
        self.fails(self.one(decoded(WRONG), name="drops", element=OURS), "expected")

    def test_excused_exact(self):
        """An excuse that is not needed any more."""
        self.fails(self.one(decoded(RIGHT), name="drops"), "not what is recorded")

    def test_excuses_that_say_nothing(self):
        """Without an outcome, or with one that nothing excuses."""
        for excuse in ({"reason": "it cannot"}, {"md5": [WRONG]},
                       {"reason": "it crashes", "error": ["crashed: decode-md5"]},
                       {"reason": "it hangs", "error": ["hung: decode-md5"]},
                       {"reason": "it hangs", "error": ["no end of stream within 60 s"]}):
            self.write("excuses.json", json.dumps({STOCK: {"streams": {"a": excuse}}}))
            with self.assertRaises(ValueError):
                verdict.Excuses(f"{self.dir}/excuses.json", STOCK)

    def test_real_excuses(self):
        """Every excuse is for a stream of a list."""
        names = {v["name"] for codec in lists.OWN
                 for v in lists.load(f"{VALIDATE}/{codec}.json").vectors}
        with open(f"{VALIDATE}/excuses.json", encoding="utf-8") as file:
            elements = list(json.load(file))
        self.assertTrue(elements)
        for element in elements:
            excuses = verdict.Excuses(f"{VALIDATE}/excuses.json", element)
            self.assertLessEqual(set(excuses.streams), names)

    def test_late(self):
        """Decoded again, as often as it may be."""
        report = self.one(decoded(WRONG, late=2), decoded(RIGHT))
        self.passes(report, " # exact")
        self.assertIn("# RETRY stream: jobs past their deadline: 2", report)
        self.assertIn("ok 2 - decoded again: 1 streams, 1 times; 10 times are allowed # check",
                      report)
        self.passes(self.one(decoded(WRONG, 1), decoded(WRONG, 1), decoded(RIGHT, 1)), " # exact")
        report = self.one(decoded(WRONG, 1), decoded(WRONG, 1), decoded(WRONG, 1), decoded(RIGHT))
        self.fails(report, "decoded 3 times already")
        self.assertEqual(self.retries(report), 2)

    def test_not_late(self):
        """A wrong result without a late job is final at once."""
        report = self.one(decoded(WRONG), decoded(RIGHT))
        self.fails(report)
        self.assertEqual(self.retries(report), 0)

    def test_late_too_often(self):
        """More retries than a list may have."""
        streams = {f"s{n}": [decoded(WRONG, late=1), decoded(RIGHT)] for n in range(4)}
        report = self.report(streams, args=("--again", "4"))
        self.assertTrue(report[-2].startswith("ok 5 - decoded again: 4 streams, 4 times"), report)
        report = self.report(streams, args=("--again", "3"))
        self.assertTrue(report[-2].startswith("not ok 5 - decoded again: 3 streams, 3 times"),
                        report)
        self.assertEqual(self.retries(report), 3)

    def test_missing(self):
        """A stream that is not in the folder."""
        self.passes(self.report({"gone": None}), "# SKIP not in the folder of streams: gone")
        report = self.report({"gone": None}, args=("--missing", "fail"))
        self.fails(report, "not in the folder of streams: gone")

    def test_refused(self):
        """A stream that no element decodes must end with an error that names the reason."""
        more = {"pixels": "yuv444p", "element": OURS}
        self.passes(self.one(said("error\tdec: no 4:4:4"), **more), " # refused: dec: no 4:4:4")
        self.fails(self.one(said("error\tdec: no"), **more), "does not name")
        self.fails(self.one(decoded(RIGHT), **more), "decoded although")
        self.fails(self.one(said("crash"), **more), "crashed:")
        self.fails(self.one(said("hang"), **more), "hung:")
        self.fails(self.one(said("error\tno end of stream within 60 s"), **more), "not refused")
        # A name that fluster does not have, and what an error must name then.
        more = {"pixels": "Unknown", "element": OURS,
                "optional_params": {"refused_for": ["4:4:0", "12 bits"]}}
        self.passes(self.one(said("error\tdec: no 4:4:0 of 12 bits"), **more),
                    " # refused: dec: no 4:4:0 of 12 bits")
        self.fails(self.one(said("error\tdec: no 4:4:0"), **more), "does not name 12 bits")


    def test_refused_elsewhere(self):
        """An element that does not use our device may decode another format."""
        more = {"pixels": "yuv444p", "element": "avdec_vp9"}
        self.passes(self.one(decoded(RIGHT), **more), " # exact")
        self.passes(self.one(said("error\tdec: no"), **more), " # refused: dec: no")
        self.fails(self.one(decoded(WRONG), **more), "expected")
        self.fails(self.one(said("crash"), **more), "crashed:")

    def test_broken(self):
        """A list of streams that are meant to be broken."""
        self.more = {"negative_test": True}
        self.passes(self.one(said("error\tdec: no")), " # survived: dec: no")
        self.passes(self.one(decoded(WRONG)), " # survived")
        self.fails(self.one(said("crash")), "crashed:")
        self.fails(self.one(said("hang")), "hung:")

    def test_frames(self):
        """A list with the MD5 of each frame."""
        md5s = [str(n) * 32 for n in (4, 5)]
        fields = [("a", "b", md5) for md5 in md5s]
        more = {"frame_md5s": md5s, "result": runner.frame_digest(md5s)}
        self.passes(self.one(decoded(WRONG, fields=fields), **more), " # exact")
        for wrong in (fields[:1], fields[::-1], fields + fields[:1], []):
            self.fails(self.one(decoded(RIGHT, fields=wrong), **more), "expected")

    def test_beside_each_other(self):
        """Several streams at the same time: each has its own result."""
        streams = {f"s{n}": [decoded(WRONG if n == 3 else RIGHT)] for n in range(8)}
        report = self.report(streams, args=("--jobs", "3"))
        results = dict(line.split(" - ")[::-1] for line in report if " - s" in line)
        exact = {f"s{n} # exact" for n in range(8) if n != 3}
        self.assertEqual(set(results), exact | {"s3"})
        self.assertTrue(results["s3"].startswith("not ok "))
        self.assertTrue(all(results[name].startswith("ok ") for name in exact))

    def test_tearing_alone(self):
        """Streams for which the driver's counts decide come after all others."""
        streams = {"torn": [decoded(RIGHT)], "a": [decoded(RIGHT)], "b": [decoded(RIGHT)]}
        report = self.report(streams, args=("--jobs", "2"), **TORN)
        self.assertEqual([line.split(" - ")[1] for line in report[:3]],
                         [f"{name} # exact" for name in streams])

    def test_no_element(self):
        """An element that is not there, found before the first stream."""
        self.write("tool", "#!/bin/sh\necho 'decode-md5: no element' >&2\nexit 3\n")
        self.assertEqual(tool.lacks(f"{self.dir}/tool", "x"), "decode-md5: no element")
        self.write("tool", "#!/bin/sh\nexit 1\n")
        self.assertIn("status 1", tool.lacks(f"{self.dir}/tool", "x"))
        self.write("tool", "#!/bin/sh\nexit 0\n")
        self.assertIsNone(tool.lacks(f"{self.dir}/tool", "x"))


class LoneFields(Runs):
    """Frames that show one of their fields twice."""

    def fields(self, shown, exact=(("a", "b"), ("c", "d")), element=STOCK, **step):
        """A run whose frames are SHOWN, of a stream that is exact when decoded again."""
        return self.one(decoded(WRONG, fields=shown, **step), decoded(RIGHT, fields=exact),
                        **TORN, element=element)

    def test_lone_field(self):
        """A field shown twice, found by the frames of an exact run; counted."""
        for shown in ((("a", "b"), ("c", "c")), (("b", "b"), ("c", "d"))):
            report = self.fields(shown)
            frame = 1 if shown[0] == ("a", "b") else 0
            self.passes(report, " # excused: it does not wait for the second field "
                        f"(frames {frame} of 2)")
            self.assertEqual(self.retries(report), 1)
        self.passes(self.one(decoded(RIGHT, fields=[("a", "b")]), **TORN), " # exact")

    def test_lone_field_otherwise(self):
        """Anything else that is wrong in a frame."""
        for shown in ((("a", "b"), ("c", "x")), (("a", "b"), ("x", "x")), (("a", "b"), ("d", "c")),
                      (("a", "b"), ("a", "a")), (("a", "b"),), (("b", "b"),),
                      (("a", "b"), ("c", "d"))):
            self.fails(self.fields(shown), "more than one field shown twice")

    def test_lone_field_for_a_reason(self):
        """A job that failed, another element, a stream without fields, never exact."""
        shown = (("a", "b"), ("c", "c"))
        report = self.fields(shown, failed=1)
        self.fails(report)
        self.assertEqual(self.retries(report), 0)
        self.fails(self.fields(shown, element=OURS))
        self.fails(self.one(decoded(WRONG, fields=shown), decoded(RIGHT)))
        report = self.one(*[decoded(WRONG, fields=shown)] * 3, decoded(RIGHT), **TORN)
        self.fails(report, "decoded 3 times already")
        self.fails(self.one(decoded(WRONG, fields=shown), said("crash"), decoded(WRONG),
                            **TORN))


class Fields(unittest.TestCase):
    """The real decode-md5 and its MD5s of fields."""

    WIDTH, HEIGHT = 16, 8

    def md5s(self, frames):
        """The MD5s of fields from decode-md5 for NV12 frames; a frame is a list of rows."""
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/raw", "wb") as file:
                file.write(b"".join(row for frame in frames for row in frame))
            via = f"rawvideoparse format=nv12 width={self.WIDTH} height={self.HEIGHT}"
            answer = subprocess.run(
                [DECODE_MD5, "--decoder", "identity"], check=True, stdout=subprocess.PIPE,
                text=True, input=f"{folder}/raw\tyuv420p\t{via}\t{folder}/fields\n").stdout
            self.assertIn("\tok\t", answer)
            with open(f"{folder}/fields", encoding="ascii") as file:
                return [tuple(line.split()) for line in file]

    def frame(self, seed):
        """Rows of luma and of chroma, no two alike."""
        return [bytes((seed + 31 * row + 7 * i) % 256 for i in range(self.WIDTH))
                for row in range(self.HEIGHT + self.HEIGHT // 2)]

    def planar(self, frame):
        """The rows of NV12 as I420."""
        chroma = b"".join(frame[self.HEIGHT:])
        return b"".join(frame[:self.HEIGHT]) + chroma[::2] + chroma[1::2]

    def doubled(self, frame, first):
        """The frame with one field shown twice."""
        return [frame[row - row % 2 + first] for row in range(len(frame))]

    def test_md5s(self):
        """The MD5s are those of the rows, and a field that is shown twice is found."""
        frames = [self.frame(seed) for seed in (3, 90, 171)]
        exact = self.md5s(frames)
        self.assertEqual([md5s[:2] for md5s in exact],
                         [tuple(hashlib.md5(b"".join(frame[first::2])).hexdigest()
                                for first in (0, 1)) for frame in frames])
        self.assertEqual([md5s[2] for md5s in exact],
                         [hashlib.md5(self.planar(frame)).hexdigest() for frame in frames])
        for first in (0, 1):
            shown = self.md5s([frames[0], self.doubled(frames[1], first), frames[2]])
            self.assertEqual(verdict.lone_fields(shown, exact), [1])
        torn = self.doubled(frames[1], 0)[:4] + frames[1][4:]
        self.assertIsNone(verdict.lone_fields(self.md5s([frames[0], torn, frames[2]]), exact))


class Result(unittest.TestResult):
    """Writes TAP lines without numbers."""

    def addSuccess(self, test):
        """The test passed."""
        super().addSuccess(test)
        print(f"ok {test.id().partition('.')[2]}", flush=True)

    def _failed(self, test, error):
        print(f"not ok {test.id().partition('.')[2]}")
        text = self._exc_info_to_string(error, test)
        print("".join(f"# {line}\n" for line in text.splitlines()[-30:]), end="", flush=True)

    def addFailure(self, test, err):
        """An assertion failed."""
        super().addFailure(test, err)
        self._failed(test, err)

    def addError(self, test, err):
        """The test raised an exception."""
        super().addError(test, err)
        self._failed(test, err)


def main(module):
    """Run all tests of a module; return 0 if they pass."""
    tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[module])
    result = Result()
    tests.run(result)
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main(__name__))
