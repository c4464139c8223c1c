# SPDX-License-Identifier: LGPL-2.1-or-later
"""Judges the answers of decode-md5 about streams.

An answer is ["ok", md5, frames, milliseconds] or ["error", message]. A verdict is
(kind, explanation); the kind is one of "exact", "refused", "excused" and "wrong".

Excuses are for other projects' elements, in JSON: {element: {"streams": {name:
{"reason", "md5": [...], "error": [...]}}, "lone_fields": reason}}. The result of an
excused stream must be one of the recorded MD5s or error messages. With "lone_fields", a
frame of a stream with "field_pictures" may show one of its fields twice, see
lone_fields(). Messages are recorded without the number that GStreamer appends to the
name of an element.
"""

import json
import re

DECODABLE = ("yuv420p", "yuvj420p", "yuv420p10le")

# Words for an unsupported format, by a part of the output format's name: an error
# message must have one of them. RGB is 4:4:4 with another matrix.
UNSUPPORTED = {
    "gbr": ("RGB", "4:4:4"),
    "yuv422": ("4:2:2",),
    "yuv440": ("4:4:0",),
    "yuv444": ("4:4:4",),
    "p12le": ("12 bits",),
    "p14le": ("14 bits",),
    "?": ("slice groups",),
}


def load(path):
    """The test vectors of a list, in order."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)["test_vectors"]


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


def broken(message):
    """Is this a message of the test programs, not of the element?"""
    return message.startswith(("hung:", "crashed:", "no end of stream", "end of stream without"))


def judge_refusal(output_format, fields, named):
    """The verdict on a stream with a format that our elements do not decode."""
    if fields[0] == "ok":
        return "wrong", f"decoded although {output_format} is not supported"
    if broken(fields[1]):
        return "wrong", f"not refused with an error: {fields[1]}"
    missing = [" or ".join(texts) for part, texts in UNSUPPORTED.items()
               if part in output_format and not any(text in fields[1] for text in texts)]
    if named and missing:
        return "wrong", f"the error does not name {' and '.join(missing)}: {fields[1]}"
    return "refused", fields[1]


def judge(vector, fields, excuses, named):
    """The verdict on one answer."""
    if vector["output_format"] not in DECODABLE:
        return judge_refusal(vector["output_format"], fields, named)
    what = f"MD5 {fields[1]}, expected {vector['result']}, {fields[2]} frames" \
        if fields[0] == "ok" else fields[1]
    excuse = excuses.streams.get(vector["name"])
    if excuse:
        if excuses.covers(vector["name"], fields):
            return "excused", f"{excuse['reason']} ({what})"
        # An excuse that is not needed any more must go.
        return "wrong", f"not what is recorded for \"{excuse['reason']}\": {what}"
    if fields[0] == "ok" and fields[1] == vector["result"]:
        return "exact", ""
    return "wrong", what


def lone_fields(shown, exact):
    """Numbers, from 0, of the frames that show one of their fields twice.

    SHOWN and EXACT are lists of the MD5s of even and odd rows of each frame, of a wrong
    and of an exact run. None if any other frame differs.
    """
    if len(shown) != len(exact):
        return None
    numbers = [n for n, (one, other) in enumerate(zip(shown, exact)) if one != other]
    if all(shown[n][0] == shown[n][1] and shown[n][0] in exact[n] for n in numbers):
        return numbers
    return None
