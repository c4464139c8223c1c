# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lists of streams in fluster's JSON form, and where their streams are.

A list is {"name", "codec", "description", "test_vectors": [{"name", "source",
"source_checksum", "input_file", "output_format", "result"}]}; "source_checksum" is the
MD5 of the file that "source" names, which may be an archive. A stream is looked for in
FOLDER/input_file, and where fluster has it: FOLDER/LIST/input_file and
FOLDER/LIST/NAME/input_file.
"""

import hashlib
import json
import os

import elements

HERE = os.path.dirname(os.path.realpath(__file__))
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz")
NEEDED = ("name", "source_checksum", "input_file", "result")
SKIP_CHECKSUM = "__skip__"

# Lists of this folder, by their names on the command line.
OWN = {"vp9": "DAEDALUS-VP9", "h264": "DAEDALUS-H264", "av1": "DAEDALUS-AV1"}

# fluster's lists that --fetch knows, at one commit: folder and MD5. The list of Argon
# has to be given as a path.
FLUSTER = "https://raw.githubusercontent.com/fluendo/fluster/" \
    "e9f65efe688a0deb926eac3c9287fb23a63ccaac/test_suites"
SUITES = {
    "JVT-AVC_V1": ("h.264", "238899cba195316d6e1a31c4d7a31b33"),
    "JVT-FR-EXT": ("h.264", "5a6de9e395d74a93d46b388f2dbd93b0"),
    "JVT-Professional_profiles": ("h.264", "3e2b2ea2cc19d63a21b6776372200601"),
    "VP9-TEST-VECTORS": ("vp9", "f35dc84c8e5c3d33d96b3b717f1aa541"),
    "VP9-TEST-VECTORS-HIGH": ("vp9", "e7c995609f910a6bd1a62eae17d59736"),
    "AV1-TEST-VECTORS": ("av1", "a68198779e7d7cc56db09755c4fbeaed"),
    "CHROMIUM-8bit-AV1-TEST-VECTORS": ("av1", "c55e0cf7c11a0f8904721c1703b7c9c8"),
    "CHROMIUM-10bit-AV1-TEST-VECTORS": ("av1", "3fb804075dba5166b4c4892d6f729396"),
}


class ListError(Exception):
    """A list that cannot be used; the text says why."""


def md5_of(path):
    """MD5 of a file, in hex."""
    digest = hashlib.md5()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def is_archive(name):
    """Is a file of this name an archive that holds streams?"""
    return name.lower().endswith(ARCHIVES)


class List:
    """A list of streams."""

    def __init__(self, path, data):
        if not isinstance(data, dict) or not isinstance(data.get("test_vectors"), list):
            raise ListError(f"{path} is no list of streams in fluster's form: "
                            "it has no test_vectors")
        self.name = data.get("name") or os.path.splitext(os.path.basename(path))[0]
        self.codec = data.get("codec", "")
        self.vectors = data["test_vectors"]
        for number, vector in enumerate(self.vectors, 1):
            missing = [key for key in NEEDED if not isinstance(vector.get(key), str)]
            if missing:
                raise ListError(f"{path}: stream {number} has no {', '.join(missing)}")
            if not inside(vector["input_file"]) or not inside(vector["name"]):
                raise ListError(f"{path}: {vector['name']} is outside of the folder of streams: "
                                f"{vector['input_file']}")
            vector.setdefault("output_format", "Unknown")
            vector["result"] = vector["result"].lower()
            vector["broken"] = bool(data.get("negative_test"))
        # Several streams in one archive are unpacked side by side.
        sources = [vector.get("source") for vector in self.vectors]
        self.shared = len(sources) > 1 and len(set(sources)) == 1

    def places(self, vector):
        """Where a stream may be, relative to a folder of streams; the last one is where
        --fetch puts it, as fluster does."""
        file = vector["input_file"]
        places = [file, os.path.join(self.name, vector["name"], file),
                  os.path.join(self.name, file)]
        return places if self.shared else [places[0], places[2], places[1]]

    def find(self, vector, folders):
        """The path of a stream, or None."""
        for folder in folders:
            for place in self.places(vector):
                path = os.path.join(folder, place)
                if os.path.isfile(path):
                    return path
        return None


def inside(path):
    """Does a path stay in its folder?"""
    parts = path.replace("\\", "/").split("/")
    return bool(path) and not os.path.isabs(path) and ".." not in parts


def load(path):
    """The list in a file."""
    try:
        with open(path, encoding="utf-8") as file:
            return List(path, json.load(file))
    except OSError as error:
        raise ListError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ListError(f"{path} is no JSON: {error}") from error


def suite_named(name):
    """The name of the list of fluster that NAME stands for: a beginning is enough."""
    names = [suite for suite in SUITES if suite.lower() == name.lower()] or \
        [suite for suite in SUITES if suite.lower().startswith(name.lower())]
    if len(names) > 1:
        raise ListError(f"{name} may be {' or '.join(names)}")
    if not names:
        raise ListError(f"no list {name}: give a path, or one of {', '.join([*OWN, *SUITES])}")
    return names[0]


def path_of(target, suites):
    """The file of a list: a path, one of ours, or one of fluster's in the folder SUITES."""
    if os.path.exists(target) or target.endswith(".json"):
        return target
    for short, name in OWN.items():
        if target.lower() in (short, name.lower()):
            return os.path.join(HERE, f"{short}.json")
    name = suite_named(target)
    path = os.path.join(suites, f"{name}.json")
    if not os.path.exists(path):
        raise ListError(f"{name} is a list of fluster and is not in {suites}: "
                        "download it with --fetch, or give the path of its JSON file")
    return path


def decoder_for(entry, wanted):
    """The element for a list; an error if it is one for another codec."""
    decoder = elements.alias(wanted, entry.codec)
    if decoder in ("ours", "stock", "software"):
        raise ListError(f"{entry.name} is a list of {entry.codec or 'no codec'}, and Daedalus "
                        f"decodes {', '.join(elements.CODECS)}: give --decoder ELEMENT")
    codec = elements.codec_of(decoder)
    if codec and codec != entry.codec:
        raise ListError(f"{decoder.split()[0]} decodes {codec}, and {entry.name} is a list of "
                        f"{entry.codec}")
    return decoder
