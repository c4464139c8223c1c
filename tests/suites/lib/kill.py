#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kills the daemon, its workers and clients at random moments, many times.

A client decodes a clip over and over while something dies. After each round
the clip must decode exactly again within a bounded time, no process may be in
uninterruptible sleep, and the module may hold nothing of the dead. Prints TAP.
"""

import argparse
import glob
import hashlib
import os
import random
import select
import signal
import subprocess
import sys
import time

STATS = "/sys/kernel/debug/daedalus_v4l2/stats"
DMABUFS = "/sys/kernel/debug/dma_buf/bufinfo"
ALIVE = ("contexts", "sessions", "jobs", "buffers")


class Failure(Exception):
    """A check did not hold."""


class KernelLog:
    """Messages above info since the start."""

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)

    def check(self):
        """Fail on the first message above info."""
        while True:
            try:
                record = os.read(self.fd, 8192).decode(errors="replace")
            except BlockingIOError:
                return
            except BrokenPipeError:
                continue
            if int(record.split(",", 1)[0]) & 7 < 6:
                raise Failure("kernel: " + record.split(";", 1)[1].strip())


def processes(name):
    """Pids whose command is NAME, with their states."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except OSError:
            continue
        pid, rest = text.split(" (", 1)
        command, rest = rest.rsplit(") ", 1)
        if not name or command == name:
            found[int(pid)] = rest.split()[0]
    return found


def wait_for(what, seconds, condition):
    """Poll CONDITION; what it returns when true."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"{what} took more than {seconds} s")
        time.sleep(0.01)


def stats():
    """The counters of the module."""
    with open(STATS, encoding="utf-8") as file:
        return {key: int(value) for key, value in (line.split() for line in file)}


class Daemon:
    """The decode daemon."""

    def __init__(self, path):
        self.path = path
        self.process = None

    def start(self):
        """Start it and wait until it is ready to serve."""
        self.process = subprocess.Popen([self.path, "--log-level", "error"])
        wait_for("the start of the daemon", 20, lambda: glob.glob("/dev/video*"))

    def kill(self):
        """kill -9, and wait for it."""
        self.process.kill()
        self.process.wait()

    def workers(self):
        """Pids of its workers."""
        return [pid for pid in processes("daedalusd") if pid != self.process.pid]


class Client:
    """A GStreamer pipeline that decodes the clip again and again."""

    def __init__(self, path, clip):
        self.command = [path, "--decoder", "daedalusvp9dec", "--timeout", "20"]
        self.clip = clip
        self.process = None
        self.pending = 0

    def start(self):
        """Start the process."""
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, bufsize=0)
        self.pending = 0

    def order(self, times):
        """Have the clip decoded TIMES more."""
        self.process.stdin.write(f"{self.clip}\tyuv420p\n".encode() * times)
        self.pending += times

    def result(self, seconds):
        """The fields of the next result."""
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise Failure(f"the client gave no result within {seconds} s")
        line = self.process.stdout.readline().decode()
        if not line:
            raise Failure(f"the client died of status {self.process.wait()}")
        self.pending -= 1
        return line.rstrip("\n").split("\t")[1:]

    def drain(self, seconds):
        """Read every result that is still owed."""
        while self.pending:
            self.result(seconds)

    def kill(self):
        """kill -9, and wait for it."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Test:
    """All rounds."""

    def __init__(self, args):
        self.random = random.Random(args.seed)
        self.daemon = Daemon(args.daemon)
        self.clip, self.md5 = make_clip(args.folder)
        self.client = Client(args.client, self.clip)
        self.log = KernelLog()
        self.misses = 0

    def expect_exact(self):
        """The clip decodes exactly, at once or as soon as a daemon is back."""
        end = time.monotonic() + 20
        while True:
            self.client.order(1)
            fields = self.client.result(25)
            if fields[:2] == ["ok", self.md5]:
                return
            self.misses += 1
            if time.monotonic() > end:
                raise Failure(f"not exact again within 20 s: {fields}")

    def expect_nothing_left(self):
        """No counter, no worker and no sleeper of a past round."""
        def left():
            now = stats()
            return [f"{now[key]} {key}" for key in ALIVE if now[key]]
        wait_for("the end of " + ", ".join(left()), 5, lambda: not left())
        wait_for("the end of workers", 5, lambda: not self.daemon.workers())

        def stuck():
            return [pid for pid, state in processes("").items() if state == "D"]
        sleepers = set(stuck())
        if sleepers:
            wait_for(f"uninterruptible sleep of {sleepers}", 10,
                     lambda: not sleepers & set(stuck()))
        self.log.check()

    def kill_daemon(self):
        """The supervisor dies; its workers go with it."""
        self.daemon.kill()
        if self.random.random() < 0.3:
            time.sleep(self.random.random() / 2)
        self.daemon.start()

    def kill_client(self):
        """The client dies and another comes."""
        self.client.kill()
        self.client.start()

    def kill_worker(self):
        """One worker dies; the supervisor starts another."""
        for pid in self.daemon.workers():
            os.kill(pid, signal.SIGKILL)

    def stop_worker(self):
        """A worker stands still for longer than the deadline."""
        stopped = self.daemon.workers()
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(1.2)
        for pid in stopped:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass

    def round(self, act):
        """Decode, let ACT happen at a random moment, and check."""
        self.client.order(3)
        time.sleep(self.random.random() * 0.7)
        act()
        self.client.drain(25)
        self.expect_exact()
        self.expect_nothing_left()

    def rounds(self, name, act, count):
        """COUNT rounds as one TAP test."""
        start = time.monotonic()
        for number in range(1, count + 1):
            try:
                self.round(act)
            except Failure as failure:
                return f"not ok - {name}\n# round {number}: {failure}"
        return f"ok - {name}, {count} rounds # {time.monotonic() - start:.0f} s"

    def clean_end(self):
        """SIGTERM ends the daemon with 0, and the module can be removed."""
        try:
            self.client.process.stdin.close()
            self.client.process.wait(10)
            self.daemon.process.terminate()
            if self.daemon.process.wait(10):
                raise Failure(f"daemon ended with {self.daemon.process.returncode}")
            self.expect_nothing_left()
            with open(DMABUFS, encoding="utf-8") as file:
                total = [line for line in file if line.startswith("Total ")]
            if not total or not total[-1].startswith("Total 0 objects"):
                raise Failure(f"dma-bufs are left: {total}")
            wait_for("the removal of the module", 15, lambda: not subprocess.run(
                ["rmmod", "daedalus_v4l2"], check=False, stderr=subprocess.DEVNULL).returncode)
            self.log.check()
        except (Failure, subprocess.TimeoutExpired) as failure:
            return f"not ok - everything ends cleanly\n# {failure}"
        return "ok - everything ends cleanly and the module can be removed"


def make_clip(folder):
    """A short clip with hidden frames, and the MD5 of its frames in planar form."""
    clip = os.path.join(folder, "kill.webm")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
                    "testsrc2=size=320x180:rate=25:duration=1", "-c:v", "libvpx-vp9",
                    "-b:v", "300k", "-auto-alt-ref", "1", "-lag-in-frames", "16",
                    "-deadline", "realtime", "-cpu-used", "8", "-g", "10",
                    "-pix_fmt", "yuv420p", clip], check=True)
    frames = subprocess.run(["ffmpeg", "-v", "error", "-i", clip, "-f", "rawvideo",
                             "-pix_fmt", "yuv420p", "-"], check=True, stdout=subprocess.PIPE)
    return clip, hashlib.md5(frames.stdout).hexdigest()


def main():
    """Run everything and print TAP."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--daemon", required=True, help="path of daedalusd")
    parser.add_argument("--client", required=True, help="path of decode-md5")
    parser.add_argument("--rounds", type=int, default=200, help="kills of daemon or client")
    parser.add_argument("--folder", default=os.environ.get("TMPDIR", "/tmp"),
                        help="where the clip is made")
    parser.add_argument("--seed", type=int, default=int(time.time()),
                        help="of the random moments; printed, to repeat a run")
    args = parser.parse_args()
    print(f"# seed {args.seed}", flush=True)

    test = Test(args)
    test.daemon.start()
    test.client.start()
    test.expect_exact()
    plan = (
        ("kill -9 of the daemon", test.kill_daemon, args.rounds - args.rounds // 2),
        ("kill -9 of the client", test.kill_client, args.rounds // 2),
        ("kill -9 of the worker", test.kill_worker, args.rounds // 10),
        ("SIGSTOP of the worker", test.stop_worker, args.rounds // 40),
    )
    failed = 0
    for number, (name, act, count) in enumerate(plan, 1):
        line = test.rounds(name, act, count).replace(" - ", f" {number} - ", 1)
        print(line, flush=True)
        if line.startswith("not"):
            failed += 1
            break
    else:
        line = test.clean_end().replace(" - ", f" {len(plan) + 1} - ", 1)
        print(line, flush=True)
        failed += line.startswith("not")
    print(f"# {test.misses} decodes were not exact while something was dead", flush=True)
    print(f"1..{len(plan) + 1}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
