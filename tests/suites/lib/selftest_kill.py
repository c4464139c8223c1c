#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests of kill.py with a client, statistics and an rmmod that are played.

usage: selftest_kill.py [--list | KillTest.test_NAME...]
"""

import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import kill         # noqa: E402
import kill_parts   # noqa: E402

GOOD = ["ok", "good", "25"]
WRONG = ["ok", "wrong", "25"]
COUNTERS = ("contexts", "sessions", "jobs", "buffers", "nodes", "requests", "streams", "done",
            "failed")


class FakeClient:
    """Gives answers one after the other, and the last one for ever."""

    def __init__(self, *answers, fail=None):
        self.answers, self.fail = list(answers), fail
        self.orders = self.pending = 0

    def order(self, times):
        """Take an order."""
        self.orders += times
        self.pending += times

    def result(self, _seconds):
        """The next answer; FAIL is called for each that is not good."""
        self.pending -= 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer != GOOD and self.fail:
            self.fail()
        return answer


class KillTest(unittest.TestCase):
    """Events that must fail a round, and events that must not."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()     # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.counters = dict.fromkeys(COUNTERS, 0)
        self.write()
        for target, value in (("kill_parts.STATS", os.path.join(self.folder, "stats")),
                              ("kill.KernelLog", mock.Mock())):
            patch = mock.patch(target, value)
            patch.start()
            self.addCleanup(patch.stop)

    def write(self, **values):
        """The statistics of the module."""
        self.counters |= values
        with open(os.path.join(self.folder, "stats"), "w", encoding="utf-8") as file:
            file.writelines(f"{key} {value}\n" for key, value in self.counters.items())

    def job_fails(self):
        """One more job that the module ended with an error."""
        self.write(failed=self.counters["failed"] + 1)

    def again(self, client):
        """expect_exact(); the lines that it prints."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            kill.Test("VP9", mock.Mock(**{"workers.return_value": []}), client,
                      "good").expect_exact("a kill")
        return said.getvalue().splitlines()

    def test_an_exact_answer(self):
        """Without a retry nothing is printed."""
        client = FakeClient(GOOD)
        self.assertEqual(self.again(client), [])
        self.assertEqual(client.orders, 1)

    def test_a_wrong_md5_fails_at_once(self):
        """A wrong result is not retried if no job failed."""
        client = FakeClient(WRONG, GOOD)
        with self.assertRaisesRegex(kill.Failure, "wrong frames although no job failed"):
            self.again(client)
        self.assertEqual(client.orders, 1)

    def test_a_wrong_md5_while_draining_fails(self):
        """The same for decodings that were ordered before the kill."""
        client = FakeClient(WRONG)
        client.order(1)
        with self.assertRaisesRegex(kill.Failure, "wrong frames although no job failed"):
            kill.Test("VP9", None, client, "good").drain()

    def test_a_flagged_error_is_tried_again_and_told(self):
        """One retry, counted by its line."""
        client = FakeClient(WRONG, GOOD, fail=self.job_fails)
        self.assertEqual(self.again(client), ["# RETRY VP9 after a kill: 1 jobs failed"])
        self.assertEqual(client.orders, 2)

    def test_tries_have_an_end(self):
        """A decoder that never recovers."""
        client = FakeClient(WRONG, fail=self.job_fails)
        with self.assertRaisesRegex(kill.Failure, "not exact again"):
            self.again(client)
        self.assertEqual(client.orders, 1 + kill.AGAIN_TIMES)

    def test_tries_have_an_end_in_time(self):
        """A decoder that is absent for too long."""
        client = FakeClient(["error", "dec: no Daedalus device"])
        with mock.patch("kill.AGAIN_SECONDS", -1), \
                self.assertRaisesRegex(kill.Failure, "no Daedalus device"):
            self.again(client)
        self.assertEqual(client.orders, 1)

    def test_a_hang_fails_at_once(self):
        """A hanging pipeline is no error of the decoder."""
        client = FakeClient(["error", "no end of stream within 20 s"], GOOD)
        with self.assertRaisesRegex(kill.Failure, "not an error of the decoder"):
            self.again(client)
        self.assertEqual(client.orders, 1)

    def test_a_dead_client_fails(self):
        """The client ends instead of answering."""
        client = kill_parts.Client("true", "", "")
        with self.assertRaisesRegex(kill.Failure, "died"):
            client.start()
            client.process.wait()
            client.result(1)

    def test_a_counter_that_stays_fails(self):
        """Of each sort; it gets a moment."""
        test = kill.Test("VP9", mock.Mock(**{"workers.return_value": []}), None, "good")
        with mock.patch("kill.LEFT_SECONDS", 0):
            test.expect_nothing_left()
            for name in kill.ALIVE:
                self.write(**{name: 1})
                with self.assertRaisesRegex(kill.Failure, f"1 {name}"):
                    test.expect_nothing_left()
                self.write(**{name: 0})

    def test_a_worker_that_stays_fails(self):
        """Workers that outlive a dead daemon."""
        test = kill.Test("VP9", mock.Mock(**{"workers.return_value": [1]}), None, "good")
        with mock.patch("kill.LEFT_SECONDS", 0), \
                self.assertRaisesRegex(kill.Failure, "the end of workers"):
            test.expect_nothing_left()

    def test_missing_statistics_fail(self):
        """A missing file of counters, or a missing line."""
        test = kill.Test("VP9", mock.Mock(**{"workers.return_value": []}), None, "good")
        del self.counters["jobs"]
        self.write()
        self.assertRaises(KeyError, test.expect_nothing_left)
        os.remove(os.path.join(self.folder, "stats"))
        self.assertRaises(FileNotFoundError, test.expect_nothing_left)

    def test_hits_are_kills_that_ended_jobs(self):
        """Others are only kills."""
        test = kill.Test("VP9", None, None, "good")
        test.count(self.job_fails)
        test.failed = 1
        test.count(lambda: None)
        self.assertEqual((test.hits, test.kills), (1, 2))

    def test_a_worker_may_end_before_its_kill(self):
        """A stream has ended, and with it the worker that was to be killed or stopped."""
        with subprocess.Popen(["true"]) as ended:
            pass
        with subprocess.Popen(["sleep", "60"]) as alive, mock.patch("time.sleep"):
            daemon = mock.Mock(**{"workers.return_value": [ended.pid, alive.pid]})
            test = kill.Test("VP9", daemon, None, "good")
            test.stop_worker()
            with mock.patch("kill.processes", lambda _: {}):
                test.kill_worker()
            self.assertEqual(alive.wait(5), -signal.SIGKILL)

    def test_moments_are_in_mid_decode(self):
        """A kill waits until some of the frames are done and others in flight."""
        test = kill.Test("VP9", None, None, "good")
        test.jobs = 10

        def decode(_interval):
            done = self.counters["done"] + 1
            self.write(done=done, jobs=done % 3)
        with mock.patch("kill.AIMED", 1), mock.patch("time.sleep", decode):
            for _ in range(20):
                self.write(done=0, jobs=0)
                test.wait()
                self.assertIn(self.counters["done"], range(1, 13))
                self.assertGreater(self.counters["jobs"], 0)

    def test_too_few_hits_fail(self):
        """A quarter of the kills must hit during decoding."""
        for hits, kills, good in ((0, 1, False), (1, 1, True), (2, 10, False), (3, 10, True),
                                  (18, 74, False), (19, 74, True)):
            with self.subTest(hits=hits, kills=kills):
                self.assertEqual(kill.enough("VP9", hits, kills).startswith("ok"), good)

    def fake_rmmod(self, script):
        """Put a fake rmmod into PATH, before the real one."""
        with open(os.path.join(self.folder, "rmmod"), "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{script}\n")
        os.chmod(file.name, 0o755)
        return mock.patch.dict(os.environ, PATH=f"{self.folder}:{os.environ['PATH']}")

    def test_an_rmmod_that_fails(self):
        """The failure has the output of rmmod."""
        with self.fake_rmmod("echo module is in use >&2; exit 1"), \
                self.assertRaisesRegex(kill.Failure, "the removal of m .*module is in use"):
            kill_parts.remove_module("m", 0.1)

    def test_an_rmmod_that_succeeds(self):
        """In the end."""
        with self.fake_rmmod(f"[ -e {self.folder}/once ] || {{ : >{self.folder}/once; exit 1; }}"):
            kill_parts.remove_module("m", 5)

    def test_a_red_result_is_the_status(self):
        """And the plan counts it."""
        said = io.StringIO()
        with mock.patch("kill.results", lambda _: iter(("ok - a", "not ok - b\n# why"))), \
                mock.patch("sys.argv", ["kill.py", "--daemon=d", "--client=c", "--seed=1"]), \
                contextlib.redirect_stdout(said):
            self.assertEqual(kill.main(), 1)
        self.assertEqual(said.getvalue(), "# seed 1\nok 1 - a\nnot ok 2 - b\n# why\n1..2\n")

    def test_nothing_comes_after_a_red_round(self):
        """The first failure ends the rounds of its act."""
        test = kill.Test("VP9", mock.Mock(**{"workers.return_value": []}),
                         FakeClient(GOOD, GOOD, WRONG, GOOD), "good")
        with mock.patch("kill.AIMED", 0):
            line = test.rounds("an act", lambda: None, 5)
        self.assertRegex(line, "^not ok - VP9: an act\n# round 1: wrong frames")


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print("\n".join(name.removeprefix("test_") for name in
                        unittest.TestLoader().getTestCaseNames(KillTest)))
    else:
        unittest.main()
