#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kills the daemon, its workers and clients at random moments, many times.

A client decodes a clip again and again while a process is killed. After each round
the clip must decode exactly again within a bounded time, no process may be in
uninterruptible sleep, and the module must have released everything of the killed
process. Prints TAP.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from kill_parts import (CODECS, Client, Daemon, Failure, KernelLog, ended_jobs,  # noqa: E402
                        failed_jobs, make_clip, processes, remove_module, send_signal,
                        set_deadline, stats, wait_for)

DMABUFS = "/sys/kernel/debug/dma_buf/bufinfo"
ALIVE = ("contexts", "sessions", "jobs", "buffers", "requests", "streams")

PENDING = 2             # decodings that are ordered before a process is killed
AIMED = 0.7             # share of the rounds in which the kill hits while frames are decoded
SLOW = float(os.environ.get("DAEDALUS_SLOW", "1"))  # of this lane, 1: User-mode Linux
DEADLINE = 0.9 * SLOW   # seconds of a job
RESULT_SECONDS = 25     # more than the client's own patience
AGAIN_SECONDS = 5 * SLOW    # time after a kill in which a decoding may still fail
AGAIN_TIMES = 3         # maximum number of failed decodings in that time
LEFT_SECONDS = 5 * SLOW     # time in which a killed process and its jobs must disappear

# One in this number of kills must have ended jobs in the module.
MID_DECODE = 4


def judge(fields, md5, failed):
    """None if an answer of the client is exact; the reason if a kill explains that it is not.

    FAILED is the number of jobs that the module ended with an error in the meantime:
    only the frames of these jobs may be missing or wrong.
    """
    if fields[:2] == ["ok", md5]:
        return None
    if fields[0] == "ok" and failed:
        return f"{failed} jobs failed"
    if fields[0] == "ok":
        raise Failure(f"wrong frames although no job failed: MD5 {fields[1]}, expected {md5}, "
                      f"{fields[2]} frames")
    # The decoder's own errors; a pipeline that hangs has others.
    if fields[1].startswith("dec: "):
        return fields[1]
    raise Failure(f"not an error of the decoder: {fields[1]}")


def enough(codec, hits, kills):
    """A TAP result without a number: did enough of the KILLS hit during decoding?"""
    least = (kills + MID_DECODE - 1) // MID_DECODE
    return f"{'ok' if hits >= least else 'not ok'} - {codec}: jobs were in flight at " \
        f"{hits} of {kills} kills, {least} wanted"


class Test:
    """All rounds of a codec."""

    def __init__(self, name, daemon, client, md5, seed=0):
        self.name, self.daemon, self.client, self.md5 = name, daemon, client, md5
        self.random = random.Random(f"{seed} {name}")
        self.log = KernelLog()
        self.seconds = 0.0      # duration of a decoding, mostly that of building a pipeline
        self.jobs = 0           # number of jobs of a decoding
        self.failed = 0         # failed_jobs() when the pending decodings were ordered
        self.kills = self.hits = self.misses = 0

    def start(self):
        """Start the client, which must decode exactly, and measure a decoding."""
        self.client.start()
        self.expect_exact("the start")
        start, jobs = time.monotonic(), ended_jobs()
        self.expect_exact("the start")
        self.seconds, self.jobs = time.monotonic() - start, ended_jobs() - jobs

    def expect_exact(self, act):
        """The clip decodes exactly, at once or as soon as the killed process is replaced."""
        end = time.monotonic() + AGAIN_SECONDS
        for times in range(AGAIN_TIMES + 1):
            before = failed_jobs()
            self.client.order(1)
            miss = judge(self.client.result(RESULT_SECONDS), self.md5, failed_jobs() - before)
            if not miss:
                return
            if time.monotonic() > end or times == AGAIN_TIMES:
                raise Failure(f"not exact again within {AGAIN_SECONDS} s and {AGAIN_TIMES} "
                              f"times: {miss}")
            print(f"# RETRY {self.name} after {act}: {miss}", flush=True)
            time.sleep(0.1)

    def drain(self):
        """Take the results of all pending decodings."""
        while self.client.pending:
            fields = self.client.result(RESULT_SECONDS)
            self.misses += judge(fields, self.md5, failed_jobs() - self.failed) is not None

    def expect_nothing_left(self):
        """No counter, worker or process in uninterruptible sleep is left from earlier rounds."""
        def left():
            now = stats()
            return [f"{now[key]} {key}" for key in ALIVE if now[key]]
        wait_for("the end of " + ", ".join(left()), LEFT_SECONDS, lambda: not left())
        wait_for("the end of workers", LEFT_SECONDS, lambda: not self.daemon.workers())

        def stuck():
            return [pid for pid, state in processes("").items() if state == "D"]
        sleepers = set(stuck())
        if sleepers:
            wait_for(f"uninterruptible sleep of {sleepers}", 10,
                     lambda: not sleepers & set(stuck()))
        self.log.check()

    def kill_daemon(self):
        """The supervisor dies; its workers go with it."""
        self.count(self.daemon.kill)
        if self.random.random() < 0.3:
            time.sleep(self.random.random() / 2)
        self.daemon.start()

    def kill_client(self):
        """The client dies and another one starts."""
        self.count(self.client.kill)
        self.client.start()

    def kill_worker(self):
        """One worker dies; the supervisor starts another."""
        def kill():
            pids = self.daemon.workers()
            send_signal(pids, signal.SIGKILL)
            wait_for("the death of workers", 5, lambda: not set(pids) & set(processes("")))
        self.count(kill)

    def stop_worker(self):
        """A worker stands still for longer than the deadline."""
        stopped = self.daemon.workers()
        send_signal(stopped, signal.SIGSTOP)
        time.sleep(DEADLINE + 0.3)
        send_signal(stopped, signal.SIGCONT)

    def count(self, kill):
        """KILL at once; it hit during decoding if the module has ended jobs because of it."""
        kill()
        self.kills += 1
        self.hits += failed_jobs() > self.failed

    def wait(self):
        """Wait until a random moment of the pending decodings, mostly one with jobs in flight."""
        if self.random.random() >= AIMED:
            time.sleep(self.random.random() * PENDING * self.seconds)
            return
        first, job = ended_jobs(), self.random.randrange(self.jobs)

        def reached():
            now = stats()
            ended = now["done"] + now["failed"] - first
            return ended > job and now["jobs"] or ended >= PENDING * self.jobs
        wait_for(f"job {job}", RESULT_SECONDS, reached, 0.0005)

    def round(self, name, act):
        """Decode, call ACT at a random moment of the decoding, and check."""
        self.failed = failed_jobs()
        self.client.order(PENDING)
        self.wait()
        act()
        self.drain()
        self.expect_exact(name)
        self.expect_nothing_left()

    def rounds(self, name, act, count):
        """COUNT rounds as one TAP result without a number."""
        start = time.monotonic()
        for number in range(1, count + 1):
            try:
                self.round(name, act)
            except Failure as failure:
                return f"not ok - {self.name}: {name}\n# round {number}: {failure}"
        return f"ok - {self.name}: {name}, {count} rounds # {time.monotonic() - start:.0f} s"


def clean_end(daemon, test):
    """SIGTERM ends the daemon with 0, and the module can be removed."""
    try:
        daemon.process.terminate()
        if daemon.process.wait(10):
            raise Failure(f"daemon ended with {daemon.process.returncode}")
        test.expect_nothing_left()
        with open(DMABUFS, encoding="utf-8") as file:
            total = [line for line in file if line.startswith("Total ")]
        if not total or not total[-1].startswith("Total 0 objects"):
            raise Failure(f"dma-bufs are left: {total}")
        remove_module("daedalus_v4l2", 15)
        test.log.check()
    except (Failure, subprocess.TimeoutExpired) as failure:
        return f"not ok - everything ends cleanly\n# {failure}"
    return "ok - everything ends cleanly and the module can be removed"


def results(args):
    """All TAP results without numbers; the first failed round is the last one."""
    set_deadline(DEADLINE)
    daemon = Daemon(args.daemon)
    daemon.start()
    for index, (name, element, suffix, encoder) in enumerate(CODECS):
        if args.only not in name:
            continue
        clip, md5 = make_clip(args.folder, suffix, encoder)
        test = Test(name, daemon, Client(args.client, element, clip), md5, args.seed)

        def share(rounds, index=index):
            return max(1, rounds * (index + 1) // len(CODECS) - rounds * index // len(CODECS))
        try:
            test.start()
        except Failure as failure:
            yield f"not ok - {test.name}\n# {failure}"
            return
        for what, act, count in (
                ("kill -9 of the daemon", test.kill_daemon, args.rounds - args.rounds // 2),
                ("kill -9 of the client", test.kill_client, args.rounds // 2),
                ("kill -9 of the worker", test.kill_worker, args.rounds // 10),
                ("SIGSTOP of the worker", test.stop_worker, args.rounds // 40)):
            line = test.rounds(what, act, share(count))
            yield line
            if line.startswith("not"):
                return
        # About a third of the kills hit. Where chance had it otherwise, more of them.
        most = 2 * test.kills
        while enough(test.name, test.hits, test.kills).startswith("not") and test.kills < most:
            line = test.rounds("kill -9 of the client, once more", test.kill_client, 1)
            if line.startswith("not"):
                yield line
                return
        yield enough(test.name, test.hits, test.kills)
        print(f"# {test.name}: {test.misses} decodings were not exact while something was dead, "
              f"one takes {test.seconds:.2f} s and {test.jobs} jobs", flush=True)
        test.client.end(10)
    yield clean_end(daemon, test)


def main():
    """Run everything and print TAP."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--daemon", required=True, help="path of daedalusd")
    parser.add_argument("--client", required=True, help="path of decode-md5")
    parser.add_argument("--rounds", type=int, default=200,
                        help="kills of daemon or client, of all codecs together")
    parser.add_argument("--folder", default=os.environ.get("TMPDIR", "/tmp"),
                        help="where the clips are made")
    parser.add_argument("--seed", type=int, default=int(time.time()),
                        help="of the random moments; printed, to repeat a run")
    parser.add_argument("--only", metavar="CODEC", default="",
                        help="only this one, with its share of the rounds")
    args = parser.parse_args()
    print(f"# seed {args.seed}", flush=True)

    number = failed = 0
    for number, line in enumerate(results(args), 1):
        print(line.replace(" - ", f" {number} - ", 1), flush=True)
        failed += line.startswith("not")
    print(f"1..{number}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
