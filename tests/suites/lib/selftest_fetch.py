#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests of validate/: how lists are read, how streams are downloaded, and the reports.

A server on loopback has the files; it can break off, forget how to continue, and answer
with any status. Writes TAP lines without numbers.
"""

import contextlib
import http.server
import io
import json
import os
import re
import sys
import tarfile
import tempfile
import threading
import unittest
import xml.etree.ElementTree as xml
import zipfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
VALIDATE = os.path.join(HERE, "../../../validate")
sys.path[:0] = [HERE, VALIDATE]
# pylint: disable=wrong-import-position
import annexb  # noqa: E402
import av1  # noqa: E402
import conformance  # noqa: E402
import elements  # noqa: E402
import fetch  # noqa: E402
import folder  # noqa: E402
import lists  # noqa: E402
import report  # noqa: E402
import selftest_conformance  # noqa: E402
import verdict  # noqa: E402

# What fluster accepts: the members of its classes TestSuite and TestVector, and the
# values of its Codec and OutputFormat (fluster/codec.py).
LIST_MEMBERS = {"name", "codec", "description", "test_vectors", "failing_test_vectors",
                "test_method", "negative_test"}
VECTOR_MEMBERS = {"name", "source", "source_checksum", "input_file", "output_format", "result",
                  "profile", "optional_params"}
VECTOR_NEEDED = VECTOR_MEMBERS - {"profile", "optional_params", "output_format"}
CODECS = {"None", "Dummy", "H.264", "H.265", "H.266", "VP8", "VP9", "AAC", "AV1", "AC4", "EAC3",
          "MPEG2_VIDEO", "MPEG4_VIDEO"}
FORMATS = {"None", "yuv420p", "yuv420p10le", "yuv420p12le", "yuv422p", "yuv422p10le",
           "yuv422p12le", "yuv444p", "yuv444p10le", "yuv444p12le", "yuv444p14le", "yuv444p16le",
           "gbrp", "gbrp10le", "gbrp12le", "gbrp14le", "gray", "gray10le", "gray12le", "gray16le",
           "Unknown", "fltp"}


def refusal(data):
    """Why fluster would refuse a list, or None."""
    if set(data) - LIST_MEMBERS or not {"name", "codec", "description"} <= set(data):
        return f"members of the list: {sorted(data)}"
    if data["codec"] not in CODECS:
        return f"codec {data['codec']}"
    for vector in data["test_vectors"]:
        if set(vector) - VECTOR_MEMBERS or not VECTOR_NEEDED <= set(vector):
            return f"members of {vector['name']}: {sorted(vector)}"
        if vector.get("output_format", "None") not in FORMATS:
            return f"output_format {vector['output_format']}"
    names = [vector["name"] for vector in data["test_vectors"]]
    return None if len(set(names)) == len(names) else "a name is there twice"


class Server(http.server.BaseHTTPRequestHandler):
    """Files, with ranges. FAULTS has faults by path, which are used up."""
    files, faults, asked = {}, {}, []

    def do_GET(self):
        """Send a file, or its end."""
        data, first = self.files.get(self.path), 0
        self.asked.append((self.path, self.headers.get("Range")))
        fault = self.faults.get(self.path, []).pop(0) if self.faults.get(self.path) else None
        if data is None or isinstance(fault, int):
            self.send_error(fault or 404)
            return
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if found and fault != "whole":
            first = int(found.group(1))
            if first >= len(data):
                self.send_error(416)
                return
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(data) - first))
        self.end_headers()
        self.wfile.write(data[first:len(data) // 2] if fault == "break" else data[first:])

    def log_message(self, *_args):
        """Nothing."""


class Fetching(unittest.TestCase):
    """Downloads from a server on loopback."""

    def setUp(self):
        # pylint: disable-next=consider-using-with
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.dir = os.path.join(self.temporary.name, "streams")
        Server.files, Server.faults, Server.asked = {}, {}, []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.said = []

    def url(self, path):
        """The address of a file on the server."""
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def vector(self, name, path, data, **more):
        """A stream that the server has at PATH."""
        Server.files[path] = data
        return {"name": name, "source": self.url(path), "input_file": f"{name}.ivf",
                "source_checksum": fetch_md5(data), "result": "1" * 32,
                "output_format": "yuv420p", **more}

    def fetch(self, *vectors, name="LIST"):
        """How many streams of a list could not be had."""
        entry = lists.List("list.json", {"name": name, "codec": "VP9",
                                         "test_vectors": list(vectors)})
        return fetch.streams(entry, entry.vectors, [self.dir], self.said.append)

    def has(self, place, data):
        """A file of the folder has this content, and nothing else was left."""
        with open(os.path.join(self.dir, place), "rb") as file:
            self.assertEqual(file.read(), data)
        names = [name for _, _, names in os.walk(self.dir) for name in names]
        self.assertFalse([n for n in names if n.endswith(".part") or n.startswith(".")], names)

    def fails(self, why, *vectors):
        """No stream can be had, and the message says why."""
        self.assertEqual(self.fetch(*vectors), len(vectors))
        self.assertIn(why, "\n".join(self.said))
        self.assertIn(f"not fetched: {vectors[0]['name']}", "\n".join(self.said))

    def test_file(self):
        """A file, where fluster has it; the second time it is not asked for."""
        data = os.urandom(3000)
        vector = self.vector("a", "/a.ivf", data)
        self.assertEqual(self.fetch(vector), 0)
        self.has("LIST/a/a.ivf", data)
        self.assertEqual(self.fetch(vector), 0)
        self.assertEqual(Server.asked, [("/a.ivf", None)])

    def test_changed_file(self):
        """A file that is there with another MD5 is downloaded again."""
        data = os.urandom(3000)
        vector = self.vector("a", "/a.ivf", data)
        os.makedirs(f"{self.dir}/LIST/a")
        with open(f"{self.dir}/LIST/a/a.ivf", "wb") as file:
            file.write(b"other")
        self.assertEqual(self.fetch(vector), 0)
        self.has("LIST/a/a.ivf", data)

    def test_continued(self):
        """A connection that breaks is continued, in the same run and in the next."""
        data = os.urandom(3000)
        vector = self.vector("a", "/a.ivf", data)
        Server.faults["/a.ivf"] = ["break"]
        self.assertEqual(self.fetch(vector), 0)
        self.assertEqual(Server.asked, [("/a.ivf", None), ("/a.ivf", "bytes=1500-")])
        self.has("LIST/a/a.ivf", data)
        other = self.vector("b", "/b.ivf", data)
        os.makedirs(f"{self.dir}/LIST/b")
        with open(f"{self.dir}/LIST/b/b.ivf.part", "wb") as file:
            file.write(data[:1000])
        self.assertEqual(self.fetch(other), 0)
        self.assertEqual(Server.asked[-1], ("/b.ivf", "bytes=1000-"))
        self.has("LIST/b/b.ivf", data)

    def test_not_continued(self):
        """A server that sends everything again, and a beginning of another file."""
        data = os.urandom(3000)
        vector = self.vector("a", "/a.ivf", data)
        Server.faults["/a.ivf"] = ["break", "whole"]
        self.assertEqual(self.fetch(vector), 0)
        self.has("LIST/a/a.ivf", data)
        for begin in (b"x" * 1000, b"x" * 3000, b"x" * 5000):
            os.remove(f"{self.dir}/LIST/a/a.ivf")
            with open(f"{self.dir}/LIST/a/a.ivf.part", "wb") as file:
                file.write(begin)
            self.assertEqual(self.fetch(vector), 0, self.said)
            self.has("LIST/a/a.ivf", data)

    def test_faults(self):
        """Another MD5, no file, a server that fails or is not there, no address."""
        vector = self.vector("a", "/a.ivf", b"right")
        Server.files["/a.ivf"] = b"wrong"
        self.fails(f"its MD5 is {fetch_md5(b'wrong')}, not {fetch_md5(b'right')}", vector)
        self.assertEqual(os.listdir(f"{self.dir}/LIST/a"), [])
        Server.files.clear()
        self.fails("HTTP status 404", vector)
        Server.files["/a.ivf"] = b"right"
        Server.faults["/a.ivf"] = [503] * fetch.ATTEMPTS
        self.fails("HTTP status 503", vector)
        Server.faults["/a.ivf"] = ["break"] * fetch.ATTEMPTS
        Server.files["/a.ivf"] = b""
        self.fails("no http or https address", {**vector, "source": "file:///etc/passwd"})
        self.fails("no http or https address", {**vector, "source": ""})
        self.fails("nonnumeric port", {**vector, "source": "http://127.0.0.1:port/a.ivf"})
        self.server.shutdown()
        self.server.server_close()
        self.fails("refused", vector)

    def test_others_go_on(self):
        """One stream that cannot be had does not end the others."""
        vectors = [self.vector(name, f"/{name}", name.encode()) for name in "abc"]
        del Server.files["/b"]
        self.assertEqual(self.fetch(*vectors), 1)
        self.has("LIST/c/c.ivf", b"c")

    def zipped(self, files):
        """A zip archive."""
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return data.getvalue()

    def tarred(self, files, link=None):
        """A compressed tar archive."""
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w:gz") as archive:
            for name, content in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            if link:
                info = tarfile.TarInfo(link)
                info.type, info.linkname = tarfile.SYMTYPE, "/etc"
                archive.addfile(info)
        return data.getvalue()

    def test_archives(self):
        """A stream in a zip and in a tar archive, also below the archive's name."""
        for data, path in ((self.zipped({"a.ivf": b"A", "b": b"B"}), "/x.zip"),
                           (self.zipped({"y.zip/a.ivf": b"A"}), "/y.zip"),
                           (self.tarred({"./a.ivf": b"A"}), "/x.tar.gz")):
            self.assertEqual(self.fetch(self.vector("a", path, data), name=path[1:]), 0, self.said)
            self.has(f"{path[1:]}/a/a.ivf", b"A")

    def test_shared_archive(self):
        """An archive with all streams is downloaded once."""
        data = self.zipped({"s/a.ivf": b"A", "s/b.ivf": b"B"})
        vectors = [self.vector(n, "/all.zip", data, input_file=f"s/{n}.ivf") for n in "ab"]
        self.assertEqual(self.fetch(*vectors), 0)
        self.has("LIST/s/b.ivf", b"B")
        self.assertEqual(self.fetch(*vectors), 0)
        self.assertEqual(len(Server.asked), 1)

    def test_bad_archives(self):
        """A path outside of the folder, a link, no such file, no archive."""
        for data, path, why in (
                (self.zipped({"a.ivf": b"A", "../evil": b"E"}), "/a.zip", "its folder: ../evil"),
                (self.zipped({"a.ivf": b"A", "/evil": b"E"}), "/b.zip", "its folder: /evil"),
                (self.tarred({"a.ivf": b"A", "x/../../evil": b"E"}), "/c.tgz", "of its folder"),
                (self.tarred({"a.ivf": b"A"}, link="l"), "/d.tgz", "has links"),
                (self.zipped({"b.ivf": b"B"}), "/e.zip", "has no file a.ivf"),
                (b"nothing", "/f.zip", "cannot be unpacked"),
                (self.zipped({"a.ivf": b"A" * 99})[:-40], "/g.zip", "cannot be unpacked"),
                (self.tarred({"a.ivf": os.urandom(9999)})[:-4000], "/h.tar.gz",
                 "cannot be unpacked")):
            self.fails(why, self.vector("a", path, data))
        left = [name for _, _, names in os.walk(self.temporary.name) for name in names]
        self.assertFalse([n for n in left if not n.endswith(".part")], left)

    def test_suite(self):
        """A list of fluster by its name; one that was changed is refused."""
        data = json.dumps({"name": "S", "codec": "VP9", "test_vectors": []}).encode()
        Server.files["/vp9/S.json"] = data
        with contextlib.ExitStack() as stack:
            patch = selftest_conformance.mock.patch
            stack.enter_context(patch.dict(lists.SUITES, {"S": ("vp9", fetch_md5(data))}))
            stack.enter_context(patch.dict(os.environ, {"DAEDALUS_FLUSTER": self.url("")}))
            fetch.suite("S", self.dir, self.said.append)
            self.assertEqual(lists.load(lists.path_of("s", self.dir)).name, "S")
            Server.files["/vp9/S.json"] = data + b" "
            os.remove(f"{self.dir}/S.json")
            with self.assertRaisesRegex(fetch.FetchError, "its MD5 is"):
                fetch.suite("S", self.dir, self.said.append)

    def test_command(self):
        """The command: a list that is fetched is found, and the status of each."""
        vector = self.vector("a", "/a.ivf", b"A")
        path = os.path.join(self.temporary.name, "list.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"name": "L", "codec": "VP9", "test_vectors": [vector]}, file)
        self.assertEqual(command("check", path, "--dir", self.dir)[0], conformance.CANNOT)
        status, _, said = command("fetch", path, "--dir", self.dir)
        self.assertEqual(status, 0, said)
        self.assertEqual(command("check", path, "--dir", self.dir)[:2], (0, "900\n"))
        os.remove(f"{self.dir}/L/a/a.ivf")
        Server.files.clear()
        status, _, said = command("fetch", path, "--dir", self.dir)
        self.assertEqual(status, 1)
        self.assertIn("1 streams were not fetched", said)


def fetch_md5(data):
    """MD5 in hex."""
    return conformance.runner.hashlib.md5(data).hexdigest()


def command(*args):
    """(status, stdout, stderr) of conformance.py."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), \
            selftest_conformance.mock.patch.object(sys, "argv", ["conformance.py", *args]):
        try:
            status = conformance.main()
        except SystemExit as end:
            status = end.code
    return status, out.getvalue(), err.getvalue()


class Lists(unittest.TestCase):
    """Lists, their names and their elements."""

    def test_fluster(self):
        """fluster accepts each list of validate/, as it is."""
        for short in lists.OWN:
            with open(f"{VALIDATE}/{short}.json", encoding="utf-8") as file:
                data = json.load(file)
            self.assertIsNone(refusal(data), short)
            self.assertEqual(data["name"], lists.OWN[short])
            self.assertIn(data["codec"], elements.CODECS)

    def test_fluster_refuses(self):
        """The table above finds what fluster refuses."""
        vector = {"name": "a", "source": "", "source_checksum": "", "input_file": "a",
                  "output_format": "yuv420p", "result": ""}
        data = {"name": "L", "codec": "VP9", "description": "", "test_vectors": [vector]}
        self.assertIsNone(refusal(data))
        for bad in ({**data, "codec": "H264"}, {**data, "more": 1},
                    *({**data, "test_vectors": [{**vector, **more}]} for more in
                      ({"output_format": "yuv440p"}, {"output_format": "?"},
                       {"output_format": "yuvj420p"}, {"field_pictures": True}))):
            self.assertIsNotNone(refusal(bad), bad)

    def test_supported(self):
        """How many streams of our lists must be exact."""
        counts = [sum(map(verdict.supported, lists.load(f"{VALIDATE}/{short}.json").vectors))
                  for short in lists.OWN]
        self.assertEqual(counts, [151, 137, 125])

    def test_unsupported(self):
        """Every other stream of our lists has a reason that an error must name."""
        for short in lists.OWN:
            for vector in lists.load(f"{VALIDATE}/{short}.json").vectors:
                self.assertNotEqual(verdict.supported(vector), bool(verdict.reasons(vector)),
                                    vector["name"])

    def test_unparsed(self):
        """Streams that a parser rejects are in the list of their codec."""
        for short in lists.OWN:
            entry = lists.load(f"{VALIDATE}/{short}.json")
            self.assertLessEqual(set(elements.CODECS[entry.codec].unparsed),
                                 {v["name"] for v in entry.vectors})

    def test_names(self):
        """Names, their beginnings and paths."""
        self.assertEqual(lists.suite_named("jvt-professional"), "JVT-Professional_profiles")
        self.assertEqual(lists.suite_named("VP9-TEST-VECTORS"), "VP9-TEST-VECTORS")
        self.assertEqual(lists.suite_named("CHROMIUM-8bit-AV1"), "CHROMIUM-8bit-AV1-TEST-VECTORS")
        for name, why in (("JVT", "may be"), ("nothing", "no list nothing: give a path")):
            with self.assertRaisesRegex(lists.ListError, why):
                lists.suite_named(name)
        self.assertEqual(lists.load(lists.path_of("daedalus-vp9", "/")).name, "DAEDALUS-VP9")
        with self.assertRaisesRegex(lists.ListError, "download it with --fetch"):
            lists.path_of("JVT-AVC_V1", "/nowhere")

    def test_bad_lists(self):
        """No list, no JSON, no members, a stream outside of the folder."""
        with tempfile.TemporaryDirectory() as place:
            good = {"name": "a", "source_checksum": "", "input_file": "a", "result": ""}
            for text, why in (("{", "is no JSON"), ("[]", "no test_vectors"),
                              ('{"a": 1}', "no test_vectors"),
                              ('{"test_vectors": [{"name": "a"}]}', "stream 1 has no"),
                              (json.dumps({"test_vectors": [{**good, "input_file": "../a"}]}),
                               "outside of the folder"),
                              (json.dumps({"test_vectors": [{**good, "name": "/a"}]}),
                               "outside of the folder")):
                with open(f"{place}/l.json", "w", encoding="utf-8") as file:
                    file.write(text)
                with self.assertRaisesRegex(lists.ListError, why):
                    lists.load(f"{place}/l.json")
            with self.assertRaisesRegex(lists.ListError, "No such file"):
                lists.load(f"{place}/gone.json")

    def test_decoders(self):
        """The element for a list, and elements of another codec."""
        vp9 = lists.load(f"{VALIDATE}/vp9.json")
        hevc = lists.List("x", {"name": "X", "codec": "H.265", "test_vectors": []})
        self.assertEqual(lists.decoder_for(vp9, "ours"), "daedalusvp9dec")
        self.assertEqual(lists.decoder_for(vp9, "stock"), "v4l2slvp9dec")
        self.assertEqual(lists.decoder_for(hevc, "avdec_h265"), "avdec_h265")
        for entry, decoder, why in ((hevc, "ours", "give --decoder ELEMENT"),
                                    (vp9, "daedalush264dec", "decodes H.264, and DAEDALUS-VP9"),
                                    (vp9, "avdec_h264 max-threads=1", "is a list of VP9")):
            with self.assertRaisesRegex(lists.ListError, why):
                lists.decoder_for(entry, decoder)

    def test_arguments(self):
        """No job, no such stream."""
        self.assertEqual(command("run", "vp9", "--dir", "/", "--jobs", "0")[0], 2)
        status, _, said = command("check", "vp9", "--dir", "/", "--streams", "nothing")
        self.assertEqual(status, conformance.CANNOT)
        self.assertIn("not in the list: nothing", said)
        status, _, said = command("check", "vp9", "h264", "DAEDALUS-VP9", "--dir", "/")
        self.assertEqual(status, conformance.CANNOT)
        self.assertIn("two lists are called DAEDALUS-VP9", said)

    def test_annex_b(self):
        """An AV1 stream of Annex B becomes what it was made of; broken ones are errors."""
        stream = b"".join(av1.join([(av1.DELIMITER, b""), (av1.SEQUENCE, bytes(10)),
                                    (av1.FRAME, bytes(size))]) for size in (1, 100, 300, 20000))
        pieces = [b"\x12\x00" + piece for piece in stream.split(b"\x12\x00")[1:]]
        other = b"".join(map(av1.annexb_unit, pieces))
        self.assertEqual(annexb.low_overhead(other), stream)
        # With an extension, and with a size that is there already.
        self.assertEqual(annexb.low_overhead(bytes.fromhex("0504033408aa")),
                         bytes.fromhex("360801aa"))
        self.assertEqual(annexb.low_overhead(bytes.fromhex("0504033201aa")),
                         bytes.fromhex("3201aa"))
        for broken in (other[:-1], b"\x80", b"\x05\x04", b"\x02\x01\x00", b"\xff" * 9):
            with self.assertRaises(ValueError):
                annexb.low_overhead(broken)
        with tempfile.TemporaryDirectory() as place:
            for data, wanted in ((stream, False), (other, True)):
                with open(f"{place}/a.obu", "wb") as file:
                    file.write(data)
                self.assertEqual(annexb.is_annex_b(file.name), wanted)
        self.assertEqual(elements.front("a.obu", {"name": "a"}, "AV1", "av1dec"), "av1parse")


class Beside(unittest.TestCase):
    """References of a folder of streams."""

    def test_md5_files(self):
        """One MD5, one for each frame, that of the stream itself, none."""
        one, two, own = "a" * 32, "b" * 32, "c" * 32
        for name, text, wanted in (
                ("s.ivf.md5", f"{one}\n", [one]), ("s.md5", f"{one} *s.yuv\n", [one]),
                ("s_yuv.md5", f"MD5 (s.yuv) = {one.upper()}\n", [one]),
                ("s.yuv.md5", f"{one}  s-1.i420\n{two}  s-2.i420\n", [one, two]),
                ("s.ivf.md5", f"{own}  s.ivf\n", [])):
            with tempfile.TemporaryDirectory() as place:
                with open(f"{place}/{name}", "w", encoding="utf-8") as file:
                    file.write(text)
                self.assertEqual(folder.beside(f"{place}/s.ivf", own), wanted)
        with tempfile.TemporaryDirectory() as place:
            self.assertEqual(folder.beside(f"{place}/s.ivf", own), [])
            with open(f"{place}/s.md5", "w", encoding="utf-8") as file:
                file.write("nothing\n")
            with self.assertRaisesRegex(lists.ListError, "has no MD5"):
                folder.beside(f"{place}/s.ivf", own)


class Reports(unittest.TestCase):
    """Text, JSON, JUnit and the status."""

    PLAN = [{"list": "L", "codec": "VP9", "decoder": "dec", "software": "soft", "streams": 3,
             "supported": 2, "names": ["a", "b", "c"]}]

    def result(self, name, kind, why="", supported=True):
        """A result."""
        return {"list": "L", "stream": name, "codec": "VP9", "supported": supported, "frames": 5,
                "ms": 10, "software": {"kind": "exact", "why": "", "ms": 2}, "kind": kind,
                "why": why}

    def told(self, *results, end=(True, "")):
        """(status, text, JSON, JUnit) of a record."""
        with tempfile.TemporaryDirectory() as place:
            record = report.Record(f"{place}/record")
            record.plan(self.PLAN)
            for result in results:
                record.result(result)
            if end:
                record.end(*end)
            else:
                record.file.write('{"list": "L", "str')
                record.file.close()
            status, text, _ = command("report", f"{place}/record", "--json", f"{place}/j",
                                      "--junit", f"{place}/x")
            with open(f"{place}/j", encoding="utf-8") as file:
                return status, text, json.load(file), xml.parse(f"{place}/x").getroot()

    def test_good(self):
        """All exact, one refused; in the order of the list."""
        status, text, data, root = self.told(
            self.result("c", "refused", "no 4:4:4", False), self.result("b", "exact"),
            self.result("a", "exact"))
        self.assertEqual(status, 0)
        self.assertEqual(text.splitlines()[-1], "2 of 2 exact, 1 refused")
        self.assertIn("beside it soft: 2 of 2 exact", text)
        self.assertEqual([r["stream"] for r in data["lists"][0]["results"]], ["a", "b", "c"])
        self.assertEqual((data["exact"], data["good"], data["interrupted"]), (2, True, False))
        self.assertEqual(root.find("testsuite").attrib["tests"], "3")
        self.assertEqual(len(root.findall(".//failure") + root.findall(".//error")), 0)

    def test_bad(self):
        """Each kind of failure."""
        for kind in verdict.FAILURES:
            status, text, data, root = self.told(
                self.result("a", "exact"), self.result("b", kind, "why \x01 <&>"))
            self.assertEqual((status, data["good"]), (1, False))
            self.assertEqual(text.splitlines()[-1], f"1 of 2 exact, 1 {kind}")
            bad = root.find(".//failure" if kind == "wrong" else ".//error")
            self.assertEqual(bad.attrib, {"type": kind, "message": "why ? <&>"})

    def test_interrupted(self):
        """A record without an end, and with half a line."""
        status, text, data, _ = self.told(self.result("a", "exact"), end=None)
        self.assertEqual((status, data["interrupted"]), (conformance.INTERRUPTED, True))
        self.assertIn("interrupted: 1 of 3 streams have a result", text)

    def test_nothing(self):
        """No result, and too many retries."""
        self.assertEqual(self.told()[0], 1)
        self.assertEqual(self.told(self.result("a", "exact"), end=(False, ""))[0], 1)

    def test_bar(self):
        """The progress bar is one short line that the next one replaces."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            text = report.Text(True)
            text.plan(self.PLAN)
            text.result(self.result("a", "exact"))
        self.assertIn("\r\x1b[Kexact     a  [software: exact]\n[##########....", out.getvalue())
        self.assertIn("] 1/3 1 exact", out.getvalue())


if __name__ == "__main__":
    sys.exit(selftest_conformance.main(__name__))
