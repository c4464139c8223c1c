#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stops and kills the supervisor, workers and clients while streams are open.

A stream is a pipeline that plays a clip with a key frame every 10 frames at its own
speed. What is lost must be next to the fault, and the frames after the next key frame
must be exact although the client opens nothing again. Prints TAP.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from kill_parts import (CODECS, Daemon, Failure, KernelLog, encode, processes,  # noqa: E402
                        send_signal, set_deadline, stats, wait_for)

SLOW = float(os.environ.get("DAEDALUS_SLOW", "1"))  # of this lane, 1: User-mode Linux
GOP = 10                # frames from key frame to key frame
RATE = 50               # frames a second
LOOPS = 6               # of a clip of one second
FRAMES = RATE * LOOPS
IN_FLIGHT = 16          # frames that are queued or reordered when a fault happens
DEADLINE = 0.9 * SLOW   # seconds of a job
GRACE = 5               # seconds that the nodes stay without a daemon, the module's default
PATIENCE = 40 * SLOW    # seconds for a stream

PARSERS = {"VP9": "matroskademux ! vp9parse", "H.264": "qtdemux ! h264parse",
           "AV1": "matroskademux ! av1parse"}


def make_clip(folder, suffix, encoder):
    """A second of moving pictures, LOOPS times."""
    short, clip = os.path.join(folder, f"short.{suffix}"), os.path.join(folder, f"life.{suffix}")
    encode(short, f"testsrc2=size=176x144:rate={RATE}:duration=1", encoder)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-stream_loop", str(LOOPS - 1), "-i", short,
                    "-c", "copy", clip], check=True)
    return clip


class Stream:
    """A client that plays a clip once."""

    def __init__(self, test, paced=True):
        elements = PARSERS[test.codec] + (" ! identity sync=true" if paced else "")
        with tempfile.NamedTemporaryFile(dir=test.folder, delete=False) as file:
            self.fields = file.name
        self.process = subprocess.Popen(
            # Frames that the decoder flags as damaged count as lost; the others are exact.
            [test.client, "--decoder", f"{test.element} discard-corrupted-frames=true",
             "--timeout", str(int(PATIENCE))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(f"{test.clip}\tyuv420p\t{elements}\t{self.fields}\n")
        self.process.stdin.close()

    def frames(self):
        """The MD5s of the frames that came out so far."""
        with open(self.fields, encoding="utf-8") as file:
            return file.read().splitlines()

    def wait_frames(self, count):
        """Wait until COUNT frames came out."""
        wait_for(f"frame {count}", PATIENCE, lambda: len(self.frames()) >= count)

    def result(self):
        """Wait for the end: the fields of the client's line."""
        try:
            line = self.process.stdout.readline()
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure("the client does not end") from None
        if not line or status:
            raise Failure(f"the client ended with status {status} and said {line!r}")
        return line.rstrip("\n").split("\t")[1:]


def exact(stream, reference):
    """The stream was not disturbed at all."""
    said = stream.result()
    if said[0] != "ok":
        raise Failure(f"error: {said[1]}")
    frames = stream.frames()
    if frames != reference:
        good = sum(a == b for a, b in zip(frames, reference))
        raise Failure(f"{len(frames)} frames, {good} of {len(reference)} in place are exact")


def heals(stream, reference, most):
    """Only frames next to the fault are lost, at most MOST. Return: how many."""
    said = stream.result()
    if said[0] != "ok":
        raise Failure(f"error: {said[1]}")
    frames = stream.frames()
    head = next((i for i, (a, b) in enumerate(zip(frames, reference)) if a != b), len(frames))
    tail = next((i for i, (a, b) in enumerate(zip(reversed(frames), reversed(reference)))
                 if a != b), len(frames))
    lost = len(reference) - len(frames)
    # Between the first and the last frame that is lost, some may have come out.
    gap = iter(reference[head:len(reference) - tail])
    wrong = [frame for frame in frames[head:len(frames) - tail] if frame not in gap]
    if wrong:
        known = [reference.index(frame) if frame in reference else None for frame in wrong]
        raise Failure(f"{len(frames)} frames: {head} exact, then {len(wrong)} wrong ones of "
                      f"{len(frames) - head - tail} (they are frames {known}), then {tail} exact")
    if len(reference) - head - tail > most:
        raise Failure(f"the stream is exact again after {len(reference) - head - tail} frames, "
                      f"{most} may be lost")
    return lost


class Test:
    """The scenarios with one codec."""

    def __init__(self, args, daemon, codec, element, suffix, encoder):
        self.daemon, self.codec, self.element = daemon, codec, element
        self.client, self.folder = args.client, args.folder
        self.clip = make_clip(args.folder, suffix, encoder)
        self.log = KernelLog()
        self.random = random.Random(args.seed)
        stream = Stream(self, paced=False)
        said = stream.result()
        self.reference = stream.frames()
        if said[0] != "ok" or len(self.reference) != FRAMES:
            raise Failure(f"the undisturbed stream: {said}, {len(self.reference)} frames")

    def play(self, count=1):
        """Streams that have come to a random moment of their first half."""
        streams = [Stream(self) for _ in range(count)]
        moment = self.random.randrange(GOP, FRAMES // 2)
        for stream in streams:
            stream.wait_frames(moment)
        return streams

    def worker_of(self, stream):
        """The worker that the daemon started last, which is that of STREAM."""
        workers = self.daemon.workers()
        if not workers:
            raise Failure(f"no worker for process {stream.process.pid}")
        return max(workers)

    def kill_worker(self):
        """kill -9 of one of 4 workers."""
        streams = self.play(4)
        victim = self.random.choice(self.daemon.workers())
        send_signal([victim], signal.SIGKILL)
        lost = []
        for stream in streams:
            lost.append(heals(stream, self.reference, GOP + IN_FLIGHT))
        if sum(count > 0 for count in lost) > 1:
            raise Failure(f"the streams lost {lost} frames")
        return f"lost {lost}"

    def kill_one_of_many(self):
        """kill -9 of one of 16 workers."""
        streams = [Stream(self) for _ in range(16)]
        wait_for("16 workers", PATIENCE, lambda: len(self.daemon.workers()) == 16)
        for stream in streams:
            stream.wait_frames(GOP)
        send_signal([self.random.choice(self.daemon.workers())], signal.SIGKILL)
        lost = [heals(stream, self.reference, GOP + IN_FLIGHT) for stream in streams]
        if sum(count > 0 for count in lost) > 1:
            raise Failure(f"the streams lost {lost} frames")
        return f"lost {lost}"

    def stop_worker(self):
        """SIGSTOP of a worker for longer than the deadline; the other stream goes on."""
        victim, = self.play()
        worker = self.worker_of(victim)
        other = Stream(self)
        other.wait_frames(1)
        send_signal([worker], signal.SIGSTOP)
        time.sleep(DEADLINE + 1)
        send_signal([worker], signal.SIGCONT)
        exact(other, self.reference)
        lost = heals(victim, self.reference, int(RATE * (DEADLINE + 1)) + GOP + IN_FLIGHT)
        return f"lost {lost}"

    def stop_supervisor(self):
        """SIGSTOP of the supervisor; open streams go on, a new one waits for it."""
        stream, = self.play()
        send_signal([self.daemon.process.pid], signal.SIGSTOP)
        late = Stream(self)
        time.sleep(DEADLINE / 2)
        send_signal([self.daemon.process.pid], signal.SIGCONT)
        exact(stream, self.reference)
        exact(late, self.reference)
        return ""

    def stop_client(self):
        """SIGSTOP of a client for longer than the deadline; the other stream goes on."""
        victim, = self.play()
        other = Stream(self)
        other.wait_frames(1)
        send_signal([victim.process.pid], signal.SIGSTOP)
        time.sleep(DEADLINE + 1)
        if victim.process.poll() is not None:
            raise Failure("the client is gone")
        send_signal([victim.process.pid], signal.SIGCONT)
        exact(other, self.reference)
        exact(victim, self.reference)
        return ""

    def restart_in_time(self):
        """kill -9 of the supervisor; another one comes within the grace period."""
        streams = self.play(2)
        self.daemon.kill()
        time.sleep(0.5)
        self.daemon.start()
        lost = [heals(stream, self.reference, int(RATE * (1.5 * SLOW + 0.5)) + GOP + IN_FLIGHT)
                for stream in streams]
        if not any(lost):
            raise Failure("no frame was lost: the daemon was not needed")
        return f"lost {lost}"

    def restart_too_late(self):
        """kill -9 of the supervisor; the nodes go, and new ones come with the next one."""
        stream, = self.play()
        self.daemon.kill()
        wait_for("the nodes to go", GRACE + 3 * SLOW, lambda: not os.path.exists("/dev/media0"))
        said = stream.result()
        if said[0] == "ok" and stream.frames() == self.reference:
            raise Failure("the stream was not disturbed")
        self.daemon.start()
        exact(Stream(self), self.reference)
        return f"the client said {said[0]}"

    def attempt(self, scenario):
        """Run a scenario, and wait for everything to be over. Return: its remark."""
        said = scenario()
        wait_for("the end of workers", 5 * SLOW, lambda: not self.daemon.workers())
        counters = ("contexts", "sessions", "jobs", "buffers", "requests", "streams")
        wait_for("the end of all objects of the module", 5 * SLOW,
                 lambda: not any(stats()[key] for key in counters))
        self.log.check()
        return said

    def run(self, scenario):
        """One TAP result without a number."""
        start = time.monotonic()
        name = f"{self.codec}: {scenario.__doc__.rstrip('.')}"
        for times in range(3):
            deadlines = stats()["deadlines"]
            set_deadline(DEADLINE if scenario.__func__ in LATE else DEADLINE * 6)
            try:
                said = self.attempt(scenario)
                return f"ok - {name} # {time.monotonic() - start:.0f} s{said and ', ' + said}"
            except Failure as failure:
                # What is left must not disturb the next scenario.
                send_signal(processes("decode-md5"), signal.SIGKILL)
                late = stats()["deadlines"] - deadlines
                if scenario.__func__ in LATE or not late or times == 2:
                    return f"not ok - {name}\n# {failure}"
                print(f"# RETRY {name}: jobs past their deadline: {late}: {failure}", flush=True)
        return None


SCENARIOS = (Test.kill_worker, Test.stop_worker, Test.stop_supervisor, Test.stop_client,
             Test.restart_in_time, Test.restart_too_late, Test.kill_one_of_many)


# Here, jobs miss their deadline because of what the scenario does, not of a slow machine.
LATE = (Test.stop_worker,)


def main():
    """Run everything and print TAP."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--daemon", required=True, help="path of daedalusd")
    parser.add_argument("--client", required=True, help="path of decode-md5")
    parser.add_argument("--folder", default=os.environ.get("TMPDIR", "/tmp"),
                        help="where the clips are made")
    parser.add_argument("--seed", type=int, default=int(time.time()),
                        help="of the random moments; printed, to repeat a run")
    parser.add_argument("--only", metavar="TEXT", default="",
                        help="only scenarios with this text in their names")
    parser.add_argument("--all", action="store_true",
                        help="each scenario with each codec, not only with one of them")
    args = parser.parse_args()
    print(f"# seed {args.seed}", flush=True)

    daemon = Daemon(args.daemon)
    daemon.start()
    number = failed = 0
    for index, codec in enumerate(CODECS):
        test = Test(args, daemon, *codec)
        for at, scenario in enumerate(SCENARIOS):
            if not args.all and (at + args.seed) % len(CODECS) != index:
                continue
            if args.only not in f"{codec[0]}: {scenario.__doc__}":
                continue
            number += 1
            line = test.run(scenario.__get__(test))
            failed += line.startswith("not")
            print(line.replace(" - ", f" {number} - ", 1), flush=True)
    daemon.process.terminate()
    if daemon.process.wait(10):
        failed += 1
        print(f"not ok {number + 1} - the daemon ends cleanly", flush=True)
        number += 1
    print(f"1..{number}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
