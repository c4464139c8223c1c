# SPDX-License-Identifier: LGPL-2.1-or-later
"""Judges the answers of decode-md5 about streams.

An answer is ["ok", md5, frames, milliseconds] or ["error", message]. A verdict is
(kind, explanation); KINDS has the kinds.

Excuses are for other projects' elements, in JSON: {element: {"streams": {name:
{"reason", "md5": [...], "error": [...]}}, "lone_fields": reason}}. The result of an
excused stream must be one of the recorded MD5s or error messages. With "lone_fields", a
frame of a stream with field pictures may show one of its fields twice, see
lone_fields(). Messages are recorded without the number that GStreamer appends to the
name of an element.
"""

import json
import re

# What a result can be, and what it says.
KINDS = {
    "exact": "all samples are those of the reference",
    "refused": "it ended with an error, as its format is not supported",
    "excused": "the recorded fault of an element that is not ours",
    "survived": "a stream that is meant to be broken ended in time",
    "wrong": "other samples than those of the reference",
    "error": "an error although the format is supported, or a crash",
    "timeout": "no end of stream in time",
    "missing": "not in the folders of streams",
}
FAILURES = ("wrong", "error", "timeout", "missing")

# Output formats that our elements decode. Monochrome is 4:2:0 without colour.
DECODABLE = ("yuv420p", "yuv420p10le", "gray", "gray10le")

# Elements that decode with our device, by the beginnings of their names.
ON_DEVICE = ("daedalus", "v4l2sl")

# Words for an unsupported format, by a part of the output format's name: an error
# message must have one of them. RGB is 4:4:4 with another matrix.
UNSUPPORTED = {
    "gbr": ("RGB", "4:4:4"),
    "yuv422": ("4:2:2",),
    "yuv444": ("4:4:4",),
    "p12le": ("12 bits",),
    "p14le": ("14 bits",),
    "p16le": ("16 bits",),
    "gray12": ("12 bits",),
    "gray16": ("16 bits",),
}


class Excuses:
    """The excuses for ELEMENT; empty without a file."""

    def __init__(self, path=None, element=""):
        entry = {}
        if path:
            with open(path, encoding="utf-8") as file:
                entry = json.load(file).get(element, {})
        self.streams = entry.get("streams", {})
        self.lone_fields = entry.get("lone_fields")
        for name, excuse in self.streams.items():
            recorded = excuse.get("md5", []) + excuse.get("error", [])
            if not excuse.get("reason") or not recorded:
                raise ValueError(f"{name}: an excuse has a reason and what the element gives")
            if any(broken(text) for text in recorded):
                raise ValueError(f"{name}: a crash or a hang cannot be excused")

    def covers(self, name, fields):
        """Is this answer one of those that are recorded for the stream?"""
        excuse = self.streams.get(name, {})
        if fields[0] == "ok":
            return fields[1] in excuse.get("md5", [])
        return re.sub(r"^([A-Za-z0-9_]*?)[0-9]+: ", r"\1: ", fields[1]) in excuse.get("error", [])

    def final(self, vector, fields):
        """Is this answer final, so that the stream is not decoded again?"""
        return fields[1] == vector["result"] or self.covers(vector["name"], fields)


def late(message):
    """Is this the message of a stream that did not end?"""
    return message.startswith(("hung:", "no end of stream"))


def broken(message):
    """Is this a message of the test programs, not of the element?"""
    return late(message) or message.startswith(("crashed:", "end of stream without"))


def failure(message):
    """The verdict on a stream that should be exact and ended with this message."""
    return "timeout" if late(message) else "error", message


def supported(vector):
    """Do our elements decode the stream's format?"""
    return vector["output_format"] in DECODABLE


def field_pictures(vector):
    """Has the stream field pictures, as far as the list knows?"""
    return bool((vector.get("optional_params") or {}).get("field_pictures"))


def reasons(vector):
    """What an error about the stream must name: tuples, of which one word is enough."""
    named = (vector.get("optional_params") or {}).get("refused_for")
    if named:
        return [(word,) for word in named]
    return [words for part, words in UNSUPPORTED.items() if part in vector["output_format"]]


def judge_refusal(vector, fields, named):
    """The verdict on a stream with a format that our device does not decode."""
    if fields[0] == "ok":
        return "wrong", f"decoded although {' '.join(words[0] for words in reasons(vector))} " \
            f"({vector['output_format']}) is not supported"
    if broken(fields[1]):
        return failure(f"{fields[1]}; it is not refused with an error")
    missing = [" or ".join(words) for words in reasons(vector)
               if not any(word in fields[1] for word in words)]
    if named and missing:
        return "error", f"the error does not name {' and '.join(missing)}: {fields[1]}"
    return "refused", fields[1]


def judge(vector, fields, excuses, named, element=ON_DEVICE[0]):
    """The verdict on one answer of ELEMENT."""
    if vector.get("broken"):
        return failure(fields[1]) if fields[0] != "ok" and broken(fields[1]) else \
            ("survived", "" if fields[0] == "ok" else fields[1])
    if not supported(vector) and element.startswith(ON_DEVICE):
        return judge_refusal(vector, fields, named)
    what = f"MD5 {fields[1]}, expected {vector['result']}, {fields[2]} frames" \
        if fields[0] == "ok" else fields[1]
    excuse = excuses.streams.get(vector["name"])
    if excuse:
        if excuses.covers(vector["name"], fields):
            return "excused", f"{excuse['reason']} ({what})"
        # An excuse that is not needed any more must go.
        return "wrong", f"not what is recorded for \"{excuse['reason']}\": {what}"
    if fields[0] == "ok":
        return ("exact", "") if fields[1] == vector["result"] else ("wrong", what)
    if not supported(vector) and not broken(what):
        return "refused", what
    return failure(what)


def lone_fields(shown, exact):
    """Numbers, from 0, of the frames that show one of their fields twice.

    SHOWN and EXACT are lists of the MD5s of even and odd rows of each frame, of a wrong
    and of an exact run. None if any other frame differs.
    """
    shown, exact = [md5s[:2] for md5s in shown], [md5s[:2] for md5s in exact]
    if len(shown) != len(exact):
        return None
    numbers = [n for n, (one, other) in enumerate(zip(shown, exact)) if one != other]
    if all(shown[n][0] == shown[n][1] and shown[n][0] in exact[n] for n in numbers):
        return numbers
    return None
