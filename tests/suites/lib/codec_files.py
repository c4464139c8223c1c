#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks docs/adding-a-codec.md against the codecs that are there.

Every path that the page names exists, and it names every file that a codec has:
each whose path names a codec, and each that mentions all codecs, which is a list.

usage: codec_files.py REPO
       codec_files.py --self-test
"""

import fnmatch
import os
import re
import sys

from rooms import codecs_of, self_test

PAGE = "docs/adding-a-codec.md"
# The files and folders that are searched.
TOP = ("README.md", "dev", "common", "daemon", "docs", "gst", "kernel", "tests", "validate")
# Spelling of a codec in texts, if it is not the folder's name; without "dav1d".
SPELLINGS = {"h264": r"h\.?264", "av1": r"(?<!d)av1"}


def files_of(repo):
    for top in TOP:
        if os.path.isfile(os.path.join(repo, top)):
            yield top
        for folder, folders, names in os.walk(os.path.join(repo, top)):
            folders[:] = [f for f in folders if f != "__pycache__"]
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), repo)


def named_paths(text):
    """The paths in `backticks`; `.h` after a file means its header."""
    paths, last = [], ""
    for word in re.findall(r"`([\w./*?-]+)`", text):
        if word.startswith("."):
            word = os.path.splitext(last)[0] + word
        elif "/" not in word and word not in TOP:
            continue
        paths.append(word)
        last = word
    return paths


def covers(path, file):
    return fnmatch.fnmatch(file, path + "*" if path.endswith("/") else path)


def check(repo):
    codecs = codecs_of(repo)
    files = sorted(set(files_of(repo)) - {PAGE})
    with open(os.path.join(repo, PAGE), encoding="utf-8") as page:
        paths = named_paths(page.read())
    if len(codecs) < 2 or not paths:
        return [f"no codecs or no paths: {sorted(codecs)}, {paths}"]
    findings = [f"{PAGE} names {path}, which is not there" for path in paths
                if not any(covers(path, file) for file in files)]
    spelling = {codec: re.compile(SPELLINGS.get(codec, codec), re.I) for codec in codecs}
    for file in files:
        if any(covers(path, file) for path in paths):
            continue
        with open(os.path.join(repo, file), encoding="utf-8", errors="replace") as text:
            content = text.read()
        of = sorted(codec for codec in codecs if spelling[codec].search(file))
        if of:
            findings.append(f"{PAGE} does not name {file} of {of[0]}")
        elif all(spelling[codec].search(content) for codec in codecs):
            findings.append(f"{PAGE} does not name {file}, which mentions all codecs")
    return findings


CLEAN = {
    PAGE: "`kernel/vp9/` `kernel/av1/` `daemon/codec/*/` `gst/` `kernel/table.c`, `.h` `vp9_frame`",
    "kernel/vp9/a.c": "", "kernel/av1/a.c": "", "kernel/table.c": "VP9 AV1",
    "kernel/table.h": "", "daemon/codec/vp9/a.c": "", "daemon/codec/av1/a.c": "",
    "daemon/codec/x.c": "VP9 and dav1d", "gst/vp9/a.c": "", "gst/av1/a.c": "", "README.md": "",
}
SEEDS = (
    ("a folder that is not there", {PAGE: CLEAN[PAGE] + " `kernel/h265/`"},
     ("names kernel/h265/, which is not there",)),
    ("a header that is not there", {PAGE: CLEAN[PAGE] + " `gst/av1/a.c`, `.h`"},
     ("names gst/av1/a.h, which is not there",)),
    ("a codec's file that is not named", {"tests/test_av1.c": ""},
     ("does not name tests/test_av1.c of av1",)),
    ("a list that is not named", {"README.md": "VP9, AV1"}, ("does not name README.md",)),
    ("a codec that is not named", {PAGE: CLEAN[PAGE].replace("kernel/av1/", "kernel/vp9/")},
     ("does not name kernel/av1/a.c of av1",)),
    ("no codec", {path: None for path in CLEAN if path.startswith("gst/")},
     ("no codecs or no paths",)),
)


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test(CLEAN, SEEDS, check)
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    findings = check(sys.argv[1])
    print("\n".join(findings) or f"{PAGE} names every file of a codec")
    return bool(findings)


if __name__ == "__main__":
    sys.exit(main())
