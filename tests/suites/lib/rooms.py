#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks that the code stands as its rooms are laid out.

A module is NAME.c and NAME.h, and leans on another one if it includes its
header or uses a function that is defined there. A class of GObject that several
files implement has NAME-private.h; that and NAME.h are data that these files
work on, and modules of their own.
Modules must not lean on each other in a circle, and none includes a header of a
floor above it. Code that names a codec is in the folder of that codec or in a
table of all codecs. kernel/ has one header for the whole driver, whose files
call each other by design: there, only the last rule holds.

usage: rooms.py REPO FOLDER...    a finding in one of these folders is an error,
                                  in another one it is only printed
       rooms.py --self-test       seeds each fault and looks for its finding
"""

import os
import re
import sys
import tempfile

TREES = ("common", "kernel", "daemon", "gst")

# Patterns of modules, from the ground floor up; the first match counts. A module may
# include modules of its own folder on the same floor, and all modules below.
FLOORS = (
    ("common/*",),
    ("common/*/*",),
    ("daemon/core/log", "daemon/core/elapsed", "daemon/core/capture_format",
     "daemon/core/controls", "daemon/core/records", "daemon/codec/picture"),
    ("daemon/core/message", "daemon/output/*", "daemon/codec/bit_writer",
     "daemon/codec/library/*"),
    ("daemon/codec/engine", "daemon/codec/engine_base"),
    ("daemon/codec/*/*",),
    ("daemon/codec/engines",),
    ("daemon/core/*",),
    ("daemon/ctl/*",),
    ("gst/core/*",),
    ("gst/*/*",),
    ("gst/*",),
)

# A codec has a folder of this name in each of these places.
CODEC_ROOMS = ("kernel", "daemon/codec", "gst")
# The tables of all codecs, which may name every codec.
TABLES = ("kernel/daedalus-formats", "daemon/codec/engines", "gst/gstdaedalus")
# Code that daemon and elements share; the file's name has the codec.
SHARED = ("common/",)

NOT_CODE = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.M)
DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.M)
NAME = re.compile(r"(?<![\w.>])[A-Za-z_]\w*")


def floor_of(module):
    for number, patterns in enumerate(FLOORS):
        if any(re.fullmatch(pattern.replace("*", "[^/]+"), module) for pattern in patterns):
            return number
    return None


def functions(code):
    """Names of the functions that are defined, as (all, those that are not static)."""
    every, public = set(), set()
    depth = start = 0
    for token in re.finditer(r"[{};]", code):
        if token.group() == "}":
            depth -= 1
        elif token.group() == "{":
            depth += 1
        if token.group() == "{" and depth == 1:
            head = code[start:token.start()].rstrip()
            name = function_name(head)
            if name:
                every.add(name)
                if not re.search(r"\bstatic\b", head):
                    public.add(name)
        if depth == 0:
            start = token.end()
    return every, public


def function_name(head):
    """The function's name in the text before a brace, if the text ends with (...)."""
    if not head.endswith(")"):
        return None
    depth = 0
    for at in range(len(head) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(head[at], 0)
        if not depth:
            name = re.search(r"(\w+)\s*$", head[:at])
            return name and name.group(1)
    return None


class Code:
    """All modules of a checkout: what they include, define and use."""

    def __init__(self, repo):
        self.repo = repo
        self.files = {}         # path: text without comments and strings
        self.includes = []      # (path, path of the header)
        self.findings = []      # (tree, text)
        for tree in TREES:
            for folder, folders, names in os.walk(os.path.join(repo, tree)):
                folders[:] = sorted(f for f in folders if f != "tests")
                for name in sorted(names):
                    if name.endswith((".c", ".h")):
                        self.read(os.path.relpath(os.path.join(folder, name), repo))
        for path in self.files:
            self.resolve(path)

    def read(self, path):
        with open(os.path.join(self.repo, path), encoding="utf-8") as file:
            self.files[path] = file.read()

    def resolve(self, path):
        text = re.sub(r"/\*.*?\*/", "", self.files[path], flags=re.S)
        for name in INCLUDE.findall(text):
            tree = path.split("/")[0]
            roots = [os.path.dirname(path), tree, "common"]
            for folder in roots + ([""] if name.startswith("common/") else []):
                header = os.path.normpath(os.path.join(folder, name))
                if header in self.files:
                    self.includes.append((path, header))
                    break
            else:
                self.find(path, f'"{name}" is neither beside it, nor in {tree}/ or common/')
        self.files[path] = NOT_CODE.sub(" ", self.files[path])

    def find(self, path, text):
        self.findings.append((path.split("/")[0], f"{path}: {text}"))

    def edges(self):
        """{module: {module it leans on: why}}, without kernel/"""
        edges = {}
        where = {}
        own = {}
        files = {path: text for path, text in self.files.items() if not path.startswith("kernel/")}
        for path, text in files.items():
            own[path], public = functions(DIRECTIVE.sub("", text))
            if path.endswith(".c"):
                for name in public - {"main"}:
                    where.setdefault((path.split("/")[0], name), path)
        for path, header in self.includes:
            if path in files:
                add(edges, self.node(path), self.node(header),
                    f"includes {os.path.basename(header)}")
        for path, text in files.items():
            for name in set(NAME.findall(text)) - own[path]:
                for tree in {path.split("/")[0], "common"}:
                    if path.endswith(".c") and (tree, name) in where:
                        add(edges, self.node(path), self.node(where[tree, name]),
                            f"uses {name}()")
        return edges

    def node(self, path):
        """The module of a file; a header of a split class keeps its ending."""
        module = module_of(path)
        split = path.endswith(".h") and f"{module}-private.h" in self.files
        return path if split else module

    def check_floors(self):
        for path in self.files:
            if floor_of(module_of(path)) is None and not path.startswith("kernel/"):
                self.find(path, "is on no floor; FLOORS in rooms.py has them")
        for path, header in self.includes:
            here, there = floor_of(module_of(path)), floor_of(module_of(header))
            if here is None or there is None:
                continue
            beside = here == there and os.path.dirname(path) != os.path.dirname(header)
            if there > here or beside:
                self.find(path, f"includes {header}, which is {'beside' if beside else 'above'} it")

    def check_circles(self):
        edges = self.edges()
        for circle in circles(edges):
            lines = [f"modules in a circle: {', '.join(circle)}"]
            for module in circle:
                lines += [f"    {module} {why} of {other}"
                          for other, why in sorted(edges[module].items()) if other in circle]
            self.findings.append((circle[0].split("/")[0], "\n".join(lines)))

    def check_codecs(self):
        codecs = codecs_of(self.repo)
        if not codecs:
            self.findings.append(("daemon", "no codec has a folder in each of "
                                  + ", ".join(CODEC_ROOMS)))
        for path, text in self.files.items():
            if module_of(path) in TABLES or path.startswith(SHARED):
                continue
            names = NAME.findall(DIRECTIVE.sub("", text)) + [os.path.basename(path)]
            for codec in codecs - set(path.split("/")):
                # Not libdav1d: that is a library, and "dav1d" is no "av1".
                named = re.compile(rf"(?<!d){codec}", re.I)
                found = sorted({name for name in names if named.search(name)})
                if found:
                    self.find(path, f"names {codec} outside its room: {', '.join(found[:4])}")


def codecs_of(repo):
    """Names of the folders that are in all of CODEC_ROOMS."""
    rooms = []
    for room in CODEC_ROOMS:
        folder = os.path.join(repo, room)
        names = os.listdir(folder) if os.path.isdir(folder) else []
        rooms.append({name for name in names if os.path.isdir(os.path.join(folder, name))})
    return set.intersection(*rooms)


def module_of(path):
    return os.path.splitext(path)[0]


def add(edges, module, other, why):
    if module != other:
        edges.setdefault(module, {}).setdefault(other, why)


def circles(edges):
    """Groups of modules that all lean on each other (Tarjan's algorithm), sorted."""
    index, low, stack, found = {}, {}, [], []

    def visit(module):
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in edges.get(module, ()):
            if other not in index:
                visit(other)
            if other in stack:
                low[module] = min(low[module], low[other])
        if low[module] == index[module]:
            group = []
            while not group or group[-1] != module:
                group.append(stack.pop())
            if len(group) > 1:
                found.append(sorted(group))

    for module in sorted(edges):
        if module not in index:
            visit(module)
    return sorted(found)


def check(repo):
    code = Code(repo)
    code.check_floors()
    code.check_circles()
    code.check_codecs()
    return code.findings


CLEAN = {
    "kernel/av1/ctrls-av1.c": "int av1_row;",
    "kernel/vp9/ctrls-vp9.c": "int vp9_row;",
    "kernel/daedalus-formats.c": "extern int av1_row, vp9_row;",
    "common/proto.h": "struct proto;",
    "daemon/core/log.h": '#include "proto.h"\nvoid log_line(void);',
    "daemon/core/log.c": '#include "log.h"\n\nvoid log_line(void)\n{\n}\n',
    "daemon/core/main.c": '#include "codec/engine.h"\n#include "common/proto.h"\n'
                          '/* av1 */ int main(void)\n{ engine_open(); }\n',
    "daemon/codec/engine.h": '#include "core/log.h"\nvoid engine_open(void);',
    "daemon/codec/engine.c": '#include "engine.h"\nvoid engine_open(void)\n{ log_line(); }\n',
    "daemon/codec/av1/frame.h": "struct frame { int open; };",
    "daemon/codec/av1/tiles.h": '#include "frame.h"\nvoid tiles(void);',
    "daemon/codec/av1/tiles.c": '#include "tiles.h"\nvoid tiles(void)\n{ }\n',
    "daemon/codec/av1/check.h": '#include "frame.h"\nvoid check(void);',
    "daemon/codec/av1/check.c": '#include "check.h"\n#include "tiles.h"\n'
                                "void check(void)\n{ tiles(); }\n",
    "daemon/codec/vp9/refs.h": "void refs(void);",
    "gst/core/dec.h": "void gst_dec (void);",
    "gst/core/dec.c": '#include "dec.h"\nvoid\ngst_dec (void)\n{\n}\n',
    "gst/av1/av1dec.h": '#include "core/dec.h"\n',
    "gst/vp9/vp9dec.h": '#include "core/dec.h"\n',
}

# The fault, the changed files, and a part of each finding that it must cause.
SEEDS = (
    ("headers that include each other",
     {"daemon/codec/av1/frame.h": '#include "tiles.h"\n'},
     ("modules in a circle: daemon/codec/av1/frame, daemon/codec/av1/tiles",)),
    ("a file that calls what stands above its own header",
     {"daemon/codec/av1/frame.c": '#include "frame.h"\nvoid tiles(void);\n'
                                  "void frame(void)\n{ tiles(); }\n"},
     ("daemon/codec/av1/frame uses tiles() of daemon/codec/av1/tiles",)),
    ("two files that call each other, in the style of GStreamer",
     {"gst/core/dec.c": '#include "dec.h"\nvoid\ngst_dec (void)\n{\n  gst_queue ();\n}\n',
      "gst/core/queue.c": '#include "dec-private.h"\nvoid\ngst_queue (void)\n'
                          "{\n  gst_dec ();\n}\n",
      "gst/core/dec-private.h": '#include "dec.h"\nvoid gst_queue (void);\n'},
     ("modules in a circle: gst/core/dec, gst/core/queue",)),
    ("a header of the ground that includes one above",
     {"daemon/core/log.h": '#include "core/worker.h"\n', "daemon/core/worker.h": ""},
     ("daemon/core/log.h: includes daemon/core/worker.h, which is above it",)),
    ("a codec that includes another one",
     {"daemon/codec/av1/tiles.h": '#include "codec/vp9/refs.h"\n'},
     ("daemon/codec/av1/tiles.h: includes daemon/codec/vp9/refs.h, which is beside it",)),
    ("an element that includes the daemon",
     {"gst/core/dec.h": '#include "codec/engine.h"\n'},
     ('"codec/engine.h" is neither beside it, nor in gst/ or common/',)),
    ("a new room that is on no floor",
     {"daemon/qpu/blit.c": ""}, ("daemon/qpu/blit.c: is on no floor",)),
    ("a header that is not there",
     {"daemon/core/log.c": '#include "lgo.h"\n'}, ('"lgo.h" is neither beside it',)),
    ("a codec named in the core",
     {"daemon/core/main.c": "int main(void)\n{ av1_open(); }\n"},
     ("daemon/core/main.c: names av1 outside its room: av1_open",)),
    ("a codec's file in the core",
     {"gst/core/gstvp9.c": ""}, ("names vp9 outside its room: gstvp9.c",)),
)


def self_test(clean, seeds, examine):
    """Seeds faults and looks for their findings.

    @clean is {path: text} of code without a fault. Each of @seeds has a name, the
    changed files (None: the file is missing) and a part of each finding that the fault
    must cause. examine(repo) lists the findings.
    """
    failed = 0
    for name, changes, expected in (("clean code", {}, ()),) + seeds:
        with tempfile.TemporaryDirectory() as repo:
            for path, text in {**clean, **changes}.items():
                if text is None:
                    continue
                os.makedirs(os.path.dirname(os.path.join(repo, path)), exist_ok=True)
                with open(os.path.join(repo, path), "w", encoding="utf-8") as file:
                    file.write(text)
            found = examine(repo)
        if len(found) != len(expected) or not all(
                any(part in text for text in found) for part in expected):
            failed += 1
            print(f"{name}: expected {expected}, found {found}")
    print(f"{1 + len(seeds)} self-tests, {failed} failed")
    return failed != 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test(CLEAN, SEEDS, lambda repo: [text for _, text in check(repo)])
    strict = sys.argv[2:]
    if not strict or set(strict) - set(TREES):
        sys.exit(__doc__)
    findings = check(sys.argv[1])
    for tree, text in findings:
        print(text if tree in strict else f"(not an error yet) {text}")
    return any(tree in strict for tree, _ in findings)


if __name__ == "__main__":
    sys.exit(main())
