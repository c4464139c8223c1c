# SPDX-License-Identifier: LGPL-2.1-or-later
"""Decodes the streams of lists with one GStreamer element and judges the results.

A result is a dictionary: list, stream, codec, kind and why (see verdict.py), supported,
frames, ms, and software: the kind and why of the software element, or None.
"""

import concurrent.futures
import hashlib
import queue
import tempfile
import threading

import annexb
import elements
import lists
import tool
import verdict

# Maximum number of attempts for a stream when jobs miss their deadline, and
# maximum number of retries for all streams of a list together.
TRIES = 3
AGAIN = 10


def comment(text):
    """A line of TAP that is no result."""
    print(f"# {text}", flush=True)


class Retries:
    """Counts how often streams were decoded again; LIMIT is the maximum in total, NOTE
    takes the lines about it."""

    def __init__(self, limit, note=comment):
        self.limit = limit
        self.note = note
        self.times = {}
        self.exceeded = False
        self.lock = threading.Lock()

    def total(self):
        """How often any stream was decoded again."""
        return sum(self.times.values())

    def take(self, name, why):
        """May this stream be decoded again? If so, there is a line RETRY."""
        with self.lock:
            if self.times.get(name, 0) + 1 >= TRIES:
                self.note(f"{name}: {why}; decoded {TRIES} times already")
                return False
            if self.total() >= self.limit:
                self.exceeded = True
                self.note(f"{name}: {why}; {self.limit} times one was decoded again, no more")
                return False
            self.times[name] = self.times.get(name, 0) + 1
            self.note(f"RETRY {name}: {why}")
            return True

    def report(self):
        """Is the number of retries within the limit? And a text about it."""
        return not self.exceeded, f"decoded again: {len(self.times)} streams, " \
            f"{self.total()} times; {self.limit} times are allowed"


def counters(path):
    """The driver's counts of failed jobs and of jobs that missed their deadline."""
    if not path:
        return 0, 0
    with open(path, encoding="utf-8") as file:
        values = dict(line.split() for line in file)
    return int(values["failed"]), int(values["deadlines"])


def frame_digest(md5s):
    """One MD5 for a list of the MD5s of frames."""
    return hashlib.md5("\n".join(md5s).encode()).hexdigest()


class Test:
    """A list of streams and an element. OPTIONS are those of the command line."""

    def __init__(self, options, entry, decoder, note=comment):
        self.options = options
        self.list = entry
        self.decoder = decoder
        self.element = decoder.split()[0]
        self.excuses = verdict.Excuses(options.excuses, self.element)
        self.named = elements.is_ours(decoder)
        self.retries = Retries(options.again, note)
        self.local = threading.local()

    def decode(self, vector, path, fields=""):
        """The answer of decode-md5, and the numbers of failed and of late jobs meanwhile."""
        if elements.bare(path, self.list.codec) and annexb.is_annex_b(path):
            return self.decode_annex_b(vector, path, fields)
        stats = self.options.stats if self.element.startswith(verdict.ON_DEVICE) else None
        failed, late = counters(stats)
        via = elements.front(path, vector, self.list.codec, self.decoder)
        frames = vector.get("frame_md5s")
        with tempfile.NamedTemporaryFile("r", encoding="ascii") as file:
            if frames and not fields:
                fields = file.name
            answer = self.local.tool.decode(path, vector["output_format"], via, fields)
            if frames and answer[0] == "ok":
                with open(fields, encoding="ascii") as lines:
                    answer[1] = frame_digest([line.split()[2] for line in lines])
        now_failed, now_late = counters(stats)
        return answer, now_failed - failed, now_late - late

    def decode_annex_b(self, vector, path, fields):
        """The same for a stream in the format of Annex B, which no element splits."""
        with open(path, "rb") as file, tempfile.NamedTemporaryFile(suffix=".obu") as other:
            try:
                other.write(annexb.low_overhead(file.read()))
            except ValueError as error:
                return ["error", f"not in the format of Annex B: {error}"], 0, 0
            other.flush()
            if annexb.is_annex_b(other.name):
                return ["error", "its first OBU is no temporal delimiter"], 0, 0
            return self.decode(vector, other.name, fields)

    def decode_in_time(self, vector, path, fields=""):
        """The answer of decode-md5, from a run without a missed deadline if possible.

        If the machine is too slow, a job misses its deadline, and a client that ignores
        V4L2_BUF_FLAG_ERROR outputs the frame anyway. That is no fault of the decoder, so
        the stream is decoded again.
        """
        while True:
            answer, failed, late = self.decode(vector, path, fields)
            if not late or self.excuses.final(vector, answer) or \
                    not self.retries.take(vector["name"], f"jobs past their deadline: {late}"):
                return answer, failed

    def verdict(self, vector, answer):
        """The verdict on one answer."""
        return verdict.judge(vector, answer, self.excuses, self.named, self.element)

    def judge_fields(self, vector, path):
        """The verdict on a stream with frames that may show one of their fields twice.

        The frames of a wrong run are compared with those of an exact run, so the stream
        is decoded again until it is exact.
        """
        with tempfile.NamedTemporaryFile("r", encoding="ascii") as file:
            def decode():
                answer, failed = self.decode_in_time(vector, path, file.name)
                file.seek(0)
                return answer, failed, [tuple(line.split()) for line in file]

            answer, failed, shown = decode()
            result = self.verdict(vector, answer)
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

    def may_tear(self, vector):
        """May a frame of this stream show one of its fields twice, and be excused?"""
        return bool(verdict.field_pictures(vector) and self.excuses.lone_fields)

    def judge(self, vector):
        """The result of one stream."""
        result = {"list": self.list.name, "stream": vector["name"], "codec": self.list.codec,
                  "supported": verdict.supported(vector), "frames": 0, "ms": 0, "software": None}
        path = self.list.find(vector, self.options.dirs)
        if not path:
            kind, why = "missing", f"not in the folder of streams: {vector['input_file']}"
        elif other_file(vector, path):
            kind, why = "wrong", f"{vector['input_file']} is not the file that the list was " \
                f"made of: its MD5 is not {vector['source_checksum']}"
        else:
            if self.may_tear(vector):
                (kind, why), answer = self.judge_fields(vector, path)
            else:
                answer, _ = self.decode_in_time(vector, path)
                kind, why = self.verdict(vector, answer)
            if answer[0] == "ok":
                result.update(frames=int(answer[2]), ms=int(answer[3]))
        return {**result, "kind": kind, "why": why}


def other_file(vector, path):
    """Has a stream another checksum? Only the archive of an unpacked one has one."""
    checksum = vector["source_checksum"]
    return checksum != lists.SKIP_CHECKSUM and not lists.is_archive(vector.get("source", "")) \
        and lists.md5_of(path) != checksum


class Run:
    """All streams of a list through an element, and one by one through a software element."""

    def __init__(self, options, entry, decoder, software=None, note=comment):
        self.options = options
        self.test = Test(options, entry, decoder, note)
        self.software = Test(options, entry, software, note) if software else None
        # Every worker has processes of its own.
        self.tools = []
        self.idle = queue.SimpleQueue()
        for _ in range(options.jobs):
            pair = [tool.Tool(options.tool, elements.with_properties(t.decoder), options.timeout)
                    for t in (self.test, self.software) if t]
            self.tools += pair
            self.idle.put(pair)

    def one(self, vector):
        """The result of a stream."""
        pair = self.idle.get()
        try:
            self.test.local.tool = pair[0]
            result = self.test.judge(vector)
            if self.software and result["kind"] != "missing":
                self.software.local.tool = pair[1]
                beside = self.software.judge(vector)
                result["software"] = {key: beside[key] for key in ("kind", "why", "ms")}
            return result
        finally:
            self.idle.put(pair)

    def results(self, vectors):
        """The results, as they come. Streams for whose verdict the driver's counts are
        needed are decoded alone, after all others."""
        if self.options.jobs == 1:
            yield from map(self.one, vectors)
            return
        alone = [vector for vector in vectors if self.test.may_tear(vector)]
        pool = concurrent.futures.ThreadPoolExecutor(self.options.jobs)
        try:
            jobs = [pool.submit(self.one, v) for v in vectors if v not in alone]
            for job in concurrent.futures.as_completed(jobs):
                yield job.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        yield from map(self.one, alone)

    def end(self):
        """Wait for the processes; 0, or the status of one that failed."""
        return max((abs(one.end()) for one in self.tools), default=0)

    def kill(self):
        """End the processes at once."""
        for one in self.tools:
            one.kill()
