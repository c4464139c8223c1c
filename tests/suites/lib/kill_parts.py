# SPDX-License-Identifier: LGPL-2.1-or-later
"""The parts of kill.py: daemon, clients, clips, the module's counters, the kernel's log."""

import glob
import hashlib
import os
import select
import socket
import subprocess
import tempfile
import time

STATS = os.environ.get("DAEDALUS_STATS", "/sys/kernel/debug/daedalus_v4l2/stats")

# Codec, element, suffix, and FFmpeg's options for a clip with hidden or reordered
# frames and several key frames.
CODECS = (
    ("VP9", "daedalusvp9dec", "webm",
     "libvpx-vp9 -b:v 300k -auto-alt-ref 1 -lag-in-frames 16 -deadline realtime -cpu-used 8 -g 10"),
    ("H.264", "daedalush264dec", "mp4",
     "libx264 -preset veryfast -b:v 300k -bf 2 -x264-params log=-1:b-pyramid=normal -g 10"),
    ("AV1", "daedalusav1dec", "mkv",
     "libsvtav1 -preset 11 -g 10"),
)


class Failure(Exception):
    """A check did not hold."""


class KernelLog:
    """Kernel messages more severe than info since the start."""

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)

    def check(self):
        """Fail on the first message that is more severe than info."""
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


def wait_for(what, seconds, condition, interval=0.01):
    """Poll CONDITION every INTERVAL seconds; return its first true value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"{what} took more than {seconds} s")
        time.sleep(interval)


def stats():
    """The counters of the module."""
    with open(STATS, encoding="utf-8") as file:
        return {key: int(value) for key, value in (line.split() for line in file)}


def set_deadline(seconds):
    """Set the module's deadline for a job."""
    with open("/sys/module/daedalus_v4l2/parameters/deadline_ms", "w", encoding="utf-8") as file:
        file.write(str(int(seconds * 1000)))


def failed_jobs():
    """How many jobs the module has ended with an error."""
    return stats()["failed"]


def ended_jobs():
    """How many jobs the module has ended, well or not."""
    now = stats()
    return now["done"] + now["failed"]


def remove_module(name, seconds):
    """Remove a kernel module within SECONDS, or raise Failure."""
    said = ""

    def removed():
        nonlocal said
        process = subprocess.run(["rmmod", name], check=False, stderr=subprocess.PIPE, text=True)
        said = process.stderr.strip()
        return process.returncode == 0
    try:
        wait_for(f"the removal of {name}", seconds, removed)
    except Failure as failure:
        raise Failure(f"{failure}: {said}") from None


def send_signal(pids, number):
    """Send signal NUMBER to all of PIDS; one that has ended since they were listed gets none."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


class Daemon:
    """The decode daemon."""

    def __init__(self, path):
        self.path = path
        self.process = None

    def start(self):
        """Start it and wait until it reports that it is ready and the nodes exist."""
        with tempfile.TemporaryDirectory() as folder, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(os.path.join(folder, "notify"))
            notify.settimeout(20)
            self.process = subprocess.Popen([self.path, "--log-level", "error"],
                                            env=os.environ | {"NOTIFY_SOCKET": notify.getsockname()})
            try:
                while b"READY=1" not in notify.recv(4096):
                    pass
            except TimeoutError:
                raise Failure("the daemon was not ready within 20 s") from None
        wait_for("the nodes of the daemon", 20, lambda: glob.glob("/dev/video*"))

    def kill(self):
        """kill -9, and wait for it."""
        self.process.kill()
        self.process.wait()

    def workers(self):
        """Pids of its workers."""
        return [pid for pid in processes("daedalusd") if pid != self.process.pid]


class Client:
    """A GStreamer pipeline that decodes a clip again and again."""

    def __init__(self, path, element, clip):
        self.command = [path, "--decoder", element, "--timeout", "20"]
        self.clip = clip
        self.process = None
        self.pending = 0

    def start(self):
        """Start the process."""
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, bufsize=0)
        self.pending = 0

    def order(self, times):
        """Order TIMES more decodings of the clip."""
        self.process.stdin.write(f"{self.clip}\tyuv420p\n".encode() * times)
        self.pending += times

    def result(self, seconds):
        """The fields of the next result: "ok", MD5, frames, ... or "error", why."""
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            raise Failure(f"the client gave no result within {seconds} s")
        line = self.process.stdout.readline().decode()
        if not line:
            raise Failure(f"the client died of status {self.process.wait()}")
        self.pending -= 1
        return line.rstrip("\n").split("\t")[1:]

    def kill(self):
        """kill -9, and wait for it."""
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def end(self, seconds):
        """End it without a kill."""
        self.process.stdin.close()
        if self.process.wait(seconds):
            raise Failure(f"the client ended with status {self.process.returncode}")


def encode(path, source, encoder):
    """Encode SOURCE, a filter, to PATH; return its frames in planar form.

    SVT-AV1 wrote a frame that dav1d refuses, now and then, so the clip is encoded again if
    FFmpeg complains about it.
    """
    for _ in range(5):
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source,
                        "-pix_fmt", "yuv420p", "-c:v", *encoder.split(), path], check=True,
                       env=os.environ | {"SVT_LOG": "1"})
        frames = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "rawvideo",
                                 "-pix_fmt", "yuv420p", "-"], check=True, capture_output=True)
        if not frames.stderr:
            return frames.stdout
        print(f"# RETRY {encoder.split()[0]} made a clip with an error: "
              f"{frames.stderr.decode(errors='replace').splitlines()[0]}", flush=True)
    raise Failure(f"{path} has errors whenever it is encoded")


def make_clip(folder, suffix, encoder):
    """A short clip, and the MD5 of its frames in planar form."""
    clip = os.path.join(folder, f"kill.{suffix}")
    frames = encode(clip, "testsrc2=size=320x180:rate=25:duration=3", encoder)
    return clip, hashlib.md5(frames).hexdigest()
