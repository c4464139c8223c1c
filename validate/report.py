# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the results of runner.py as text, TAP, JSON and JUnit XML.

A record is a file of JSON lines: {"plan": [...]} with the lists and their elements, the
results as they come, {"note": text}, and {"end": [retries are in limits, text]}. A record
without an end is that of a run that was interrupted.
"""

import json
import re
import xml.etree.ElementTree as xml

import verdict

# Result kinds that JUnit calls a failure; other failures are errors.
FAILED = ("wrong",)
WIDTH = 30


class Tap:
    """Writes TAP, for the suites of "./dev test"."""

    def __init__(self, missing):
        self.missing = missing
        self.count = 0

    def plan(self, _plan):
        """TAP has its plan at the end."""

    def note(self, text):
        """A line that is no result."""
        print(f"# {text}", flush=True)

    def result(self, result):
        """One line for a result, and its reason."""
        self.count += 1
        kind, why, name = result["kind"], result["why"], result["stream"]
        if kind == "missing" and self.missing == "skip":
            print(f"ok {self.count} - {name} # SKIP {why}", flush=True)
        elif kind in verdict.FAILURES:
            print(f"not ok {self.count} - {name}\n# {why}", flush=True)
        else:
            mark = f"{kind}: {why}" if why else kind
            print(f"ok {self.count} - {name} # {mark}", flush=True)

    def end(self, good, text):
        """The result about retries, and the plan."""
        self.count += 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {text} # check\n1..{self.count}",
              flush=True)


class Text:
    """Writes a line for each result; with BAR, a progress bar follows it on a terminal."""

    def __init__(self, bar):
        self.bar = bar
        self.total = 0
        self.kinds = {}

    def plan(self, plan):
        """The lists begin."""
        self.total = sum(entry["streams"] for entry in plan)
        self.draw("")

    def draw(self, line):
        """Write a line in the place of the bar, and the bar below it."""
        if not self.bar:
            print(line, end="\n" if line else "", flush=True)
            return
        done = sum(self.kinds.values())
        filled = WIDTH * done // max(self.total, 1)
        said = ", ".join(f"{n} {kind}" for kind, n in self.kinds.items())
        bar = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done}/{self.total} {said}"[:78]
        print(f"\r\x1b[K{line}{chr(10) if line else ''}{bar}", end="", flush=True)

    def note(self, text):
        """A line that is no result."""
        self.draw(f"# {text}")

    def result(self, result):
        """One line for a result."""
        self.kinds[result["kind"]] = self.kinds.get(result["kind"], 0) + 1
        self.draw(line_of(result))

    def end(self, _good, _text):
        """All lists are done."""
        if self.bar:
            print("\r\x1b[K", end="", flush=True)


class Record:
    """Writes a record."""

    def __init__(self, path):
        # pylint: disable-next=consider-using-with
        self.file = open(path, "w", encoding="utf-8")

    def write(self, what):
        """One line, at once."""
        self.file.write(json.dumps(what) + "\n")
        self.file.flush()

    def plan(self, plan):
        """The lists and their elements."""
        self.write({"plan": plan})

    def note(self, text):
        """A retry, for example."""
        self.write({"note": text})

    def result(self, result):
        """A result."""
        self.write(result)

    def end(self, good, text):
        """The run has ended."""
        self.write({"end": [good, text]})
        self.file.close()


def line_of(result):
    """A result as a line of text."""
    beside = result["software"]
    said = f"  [software: {beside['kind']}]" if beside else ""
    why = f"  {result['why']}" if result["why"] else ""
    return f"{result['kind']:8}  {result['stream']}{said}{why}"


def read(path):
    """(plan, results, notes, end or None) of a record."""
    plan, results, notes, end = [], [], [], None
    with open(path, encoding="utf-8") as file:
        for line in file:
            try:
                entry = json.loads(line)
            except ValueError:
                # The last line of a run that was killed.
                break
            if "plan" in entry:
                plan = entry["plan"]
            elif "note" in entry:
                notes.append(entry["note"])
            elif "end" in entry:
                end = entry["end"]
            else:
                results.append(entry)
    return plan, results, notes, end


def summed(plan, results, notes, end):
    """All results as one dictionary, which is also the JSON report."""
    parts = []
    for entry in plan:
        own = [r for r in results if r["list"] == entry["list"]]
        order = {name: number for number, name in enumerate(entry["names"])}
        own.sort(key=lambda r, order=order: order[r["stream"]])
        kinds = {kind: sum(r["kind"] == kind for r in own) for kind in verdict.KINDS}
        beside = [r for r in own if r["supported"] and r["software"]]
        parts.append({
            **{key: entry[key] for key in ("list", "codec", "decoder", "software", "streams",
                                           "supported")},
            "exact": sum(r["kind"] == "exact" and r["supported"] for r in own),
            "beyond": sum(r["kind"] == "exact" and not r["supported"] for r in own),
            "kinds": {kind: n for kind, n in kinds.items() if n},
            "frames": sum(r["frames"] for r in own), "ms": sum(r["ms"] for r in own),
            "software_exact": sum(r["software"]["kind"] == "exact" for r in beside),
            "results": own,
        })
    return {
        "exact": sum(part["exact"] for part in parts),
        "supported": sum(part["supported"] for part in parts),
        "streams": sum(part["streams"] for part in parts),
        "interrupted": end is None,
        "decoded_again": sum(note.startswith("RETRY ") for note in notes),
        "good": bool(results) and end is not None and end[0] and
        not any(r["kind"] in verdict.FAILURES for r in results),
        "lists": parts,
    }


def others(part):
    """What else there is than exact streams: ", 10 refused"."""
    texts = [f"{n} {kind}" for kind, n in part["kinds"].items() if kind != "exact"]
    if part["beyond"]:
        texts.insert(0, f"{part['beyond']} more exact of formats that Daedalus does not decode")
    return "".join(f", {text}" for text in texts)


def summary(report):
    """The last lines of the text report."""
    lines = []
    for part in report["lists"]:
        lines.append(f"{part['list']} through {part['decoder']}: {part['exact']} of "
                     f"{part['supported']} exact{others(part)} "
                     f"({part['frames']} frames in {part['ms'] / 1000:.1f} s)")
        if part["software"]:
            lines.append(f"{' ' * len(part['list'])} beside it {part['software']}: "
                         f"{part['software_exact']} of {part['supported']} exact")
    if report["decoded_again"]:
        lines.append(f"decoded again: {report['decoded_again']} times")
    if report["interrupted"]:
        done = sum(len(part["results"]) for part in report["lists"])
        lines.append(f"interrupted: {done} of {report['streams']} streams have a result")
    kinds = {}
    for part in report["lists"]:
        for kind, n in part["kinds"].items():
            kinds[kind] = kinds.get(kind, 0) + n
    total = {"kinds": kinds, "beyond": sum(part["beyond"] for part in report["lists"])}
    lines.append(f"{report['exact']} of {report['supported']} exact{others(total)}")
    return lines


def clean(text):
    """Text without what XML cannot hold."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd]", "?", text)


def junit(report, path):
    """Write JUnit XML: a test suite for each list, a test case for each stream."""
    root = xml.Element("testsuites", name="conformance")
    for part in report["lists"]:
        cases = part["results"]
        bad = [r for r in cases if r["kind"] in verdict.FAILURES]
        failed = sum(r["kind"] in FAILED for r in bad)
        suite = xml.SubElement(root, "testsuite", name=part["list"], tests=str(len(cases)),
                               failures=str(failed), errors=str(len(bad) - failed), skipped="0",
                               time=f"{part['ms'] / 1000:.3f}")
        for r in cases:
            case = xml.SubElement(suite, "testcase", name=clean(r["stream"]),
                                  classname=f"{part['list']}.{part['decoder'].split()[0]}",
                                  time=f"{r['ms'] / 1000:.3f}")
            if r in bad:
                xml.SubElement(case, "failure" if r["kind"] in FAILED else "error",
                               type=r["kind"], message=clean(r["why"]))
            said = [f"{r['kind']}{': ' if r['why'] else ''}{r['why']}"]
            if r["software"]:
                said.append(f"{part['software']}: {r['software']['kind']}")
            xml.SubElement(case, "system-out").text = clean("\n".join(said))
    xml.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
