#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run lists of streams through decoder elements and compare the MD5s.

Lists are test suites in fluster's JSON form, see lists.py. "run" decodes and reports,
"check" only looks for the streams, "fetch" downloads them, "list" makes lists for a
folder of streams, and "report" writes the reports of a recorded run. The status is 0 only if every stream that
should be exact is exact, 1 if one is not, 2 if the run cannot begin, and 130 if it was
interrupted. "./dev conformance" uses this in a guest.
"""

import argparse
import contextlib
import json
import os
import sys

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import elements  # noqa: E402
import fetch  # noqa: E402
import folder  # noqa: E402
import lists  # noqa: E402
import report  # noqa: E402
import runner  # noqa: E402
import tool  # noqa: E402
import verdict  # noqa: E402

STATS = "/sys/kernel/debug/daedalus_v4l2/stats"
CANNOT, INTERRUPTED = 2, 130

# Seconds for everything but decoding.
SLACK = 600


def say(text):
    """A message that is no part of the report."""
    print(f"conformance: {text}", file=sys.stderr, flush=True)


def positive(text):
    """A number from 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: want a number, 1 or more")
    return int(text)


def add_lists(parser):
    """The arguments that say which lists, and where streams are."""
    parser.add_argument("targets", nargs="*", metavar="LIST", default=[],
                        help="file in fluster's JSON form, or the name of one of our lists or "
                        f"of fluster's (default: {', '.join(lists.OWN)})")
    parser.add_argument("--dir", dest="dirs", action="append", required=True, metavar="DIR",
                        help="folder of streams; may be repeated. The first one takes downloads")
    parser.add_argument("--suites", metavar="DIR", default=".",
                        help="folder of fluster's lists, for those that are named")
    parser.add_argument("--streams", metavar="NAME,NAME", help="only the streams of these names")
    parser.add_argument("--only", metavar="FORMAT,FORMAT",
                        help="only streams whose output_format is one of these")


def add_run(parser):
    """The arguments of a run."""
    add_lists(parser)
    parser.add_argument("--decoder", default="ours",
                        help='GStreamer element, with properties as gst-launch-1.0 takes them; '
                        'or "ours" (default), "stock" (GStreamer\'s own stateless element) or '
                        '"software"')
    parser.add_argument("--tool", default="decode-md5", help="path of decode-md5")
    parser.add_argument("--jobs", type=positive, default=os.cpu_count(),
                        help="streams that are decoded at the same time (default: all processors)")
    parser.add_argument("--stream-timeout", dest="timeout", type=positive, default=60,
                        metavar="SECONDS", help="time limit for a stream (default 60)")
    parser.add_argument("--no-software", action="store_true",
                        help="do not decode with the software element beside it")
    parser.add_argument("--excuses", default=os.path.join(lists.HERE, "excuses.json"),
                        help="JSON: what elements cannot do, see verdict.py")
    parser.add_argument("--missing", choices=("skip", "fail"), default="fail",
                        help="what a stream is that is in no folder, in TAP (default: fail)")
    parser.add_argument("--stats", default=STATS if os.path.exists(STATS) else None,
                        help="the driver's statistics in debugfs; with them, a stream that missed "
                        f"a deadline is decoded up to {runner.TRIES} times")
    parser.add_argument("--again", type=int, default=runner.AGAIN, help="how often streams of a "
                        f"list may be decoded again, all together (default: {runner.AGAIN})")
    parser.add_argument("--tap", action="store_true", help="write TAP")
    parser.add_argument("--progress", action="store_true", help="show a progress bar")
    parser.add_argument("--record", metavar="FILE",
                        help='write the results there as they come, and leave the summary to '
                        '"report"')
    add_reports(parser)


def add_reports(parser):
    """The arguments that name the files of the reports."""
    parser.add_argument("--json", metavar="FILE", help="write the results as JSON")
    parser.add_argument("--junit", metavar="FILE", help="write the results as JUnit XML")


def parse(argv=None):
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="decode and report")
    add_run(run)
    look = commands.add_parser("check", help="look for lists and streams, with the options of "
                               "run; print the longest time that it may take, in seconds")
    add_run(look)
    get = commands.add_parser("fetch", help="download the streams of lists")
    add_lists(get)
    make = commands.add_parser("list", help="make lists for a folder of streams")
    make.add_argument("folder")
    make.add_argument("out", help="folder for the lists; their paths are printed")
    told = commands.add_parser("report", help="write the reports of a recorded run")
    told.add_argument("record")
    add_reports(told)
    return parser.parse_args(argv)


def choose(args, entry):
    """The streams of a list that the arguments select, in the order of the list."""
    vectors = entry.vectors
    if args.only:
        vectors = [v for v in vectors if v["output_format"] in args.only.split(",")]
    if args.streams:
        vectors = [v for v in vectors if v["name"] in args.streams.split(",")]
    return vectors


def chosen(args):
    """[(list, streams)] of all lists; an error if a name is in none of them."""
    pairs = []
    for target in args.targets or lists.OWN:
        entry = lists.load(lists.path_of(target, args.suites))
        if entry.name in [other.name for other, _ in pairs]:
            raise lists.ListError(f"two lists are called {entry.name}: decode one after the other")
        pairs.append((entry, choose(args, entry)))
    names = {v["name"] for entry, _ in pairs for v in entry.vectors}
    unknown = set(args.streams.split(",")) - names if args.streams else None
    if unknown:
        raise lists.ListError(f"not in the list: {', '.join(sorted(unknown))}")
    if not any(vectors for _, vectors in pairs):
        raise lists.ListError("no stream is selected")
    return [(entry, vectors) for entry, vectors in pairs if vectors]


def software_for(args, entry, decoder):
    """The software element that decodes beside it, or None."""
    known = elements.CODECS.get(entry.codec)
    if args.no_software or args.tap or not known or decoder.split()[0] in known.software:
        return None
    found = [name for name in known.software if not tool.lacks(args.tool, name)]
    if not found:
        say(f"none of these software elements is there: {', '.join(known.software)}")
    return found[0] if found else None


def looked_for(args):
    """[(list, streams, element)]; an error if there is no stream of a list."""
    plan = [(entry, vectors, lists.decoder_for(entry, args.decoder))
            for entry, vectors in chosen(args)]
    for entry, vectors, _ in plan:
        # In TAP, each stream that is missing is told.
        if not args.tap and not any(entry.find(v, args.dirs) for v in vectors):
            raise lists.ListError(f"no stream of {entry.name} is in {' or '.join(args.dirs)}: "
                                  "name their folder with --dir, or download them with --fetch")
    return plan


def longest(args):
    """The longest time that a run may take, in seconds, if each stream takes its limit."""
    return SLACK + sum(len(vectors) for _, vectors, _ in looked_for(args)) * \
        (args.timeout + tool.GRACE) * (runner.TRIES + (not args.no_software))


def planned(args):
    """[(list, streams, element, software element)]."""
    plan = looked_for(args)
    for decoder in {decoder for _, _, decoder in plan}:
        why = None if args.tap else tool.lacks(args.tool, elements.with_properties(decoder))
        if why:
            raise lists.ListError(f"cannot use the decoder {decoder}: {why}")
    return [(entry, vectors, decoder, software_for(args, entry, decoder))
            for entry, vectors, decoder in plan]


def described(plan):
    """The plan as the record has it."""
    return [{"list": entry.name, "codec": entry.codec, "decoder": decoder, "software": software,
             "streams": len(vectors), "names": [v["name"] for v in vectors],
             "supported": sum(verdict.supported(v) and not v["broken"] for v in vectors)}
            for entry, vectors, decoder, software in plan]


def decode(args, plan, outputs):
    """Decode all streams of a plan. Returns the status of a decode-md5 that failed, or 0."""
    def note(text):
        for output in outputs:
            output.note(text)

    for output in outputs:
        output.plan(described(plan))
    good, texts, status = True, [], 0
    for entry, vectors, decoder, software in plan:
        run = runner.Run(args, entry, decoder, software, note)
        try:
            for result in run.results(vectors):
                for output in outputs:
                    output.result(result)
        except BaseException:
            run.kill()
            raise
        status = run.end() or status
        within, text = run.test.retries.report()
        good, texts = good and within, [*texts, text]
    for output in outputs:
        output.end(good, "; ".join(texts))
    return status


def run_all(args):
    """Decode, and report unless the run is recorded for that."""
    plan = planned(args)
    with contextlib.ExitStack() as stack:
        record = args.record or stack.enter_context(fetch.temporary_file())
        outputs = [report.Tap(args.missing) if args.tap else report.Text(args.progress),
                   report.Record(record)]
        interrupted, status = False, 0
        try:
            status = decode(args, plan, outputs)
        except KeyboardInterrupt:
            print()
            interrupted = True
        if args.tap:
            return INTERRUPTED if interrupted else status
        return status if args.record and not interrupted else status or tell(args, record)


def tell(args, record):
    """Write the reports of a record. Returns the exit status."""
    plan, results, notes, end = report.read(record)
    if not plan:
        raise lists.ListError("the run ended before it began")
    said = report.summed(plan, results, notes, end)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(said, file, indent=1)
            file.write("\n")
    if args.junit:
        report.junit(said, args.junit)
    print("\n".join(report.summary(said)), flush=True)
    return INTERRUPTED if end is None else int(not said["good"])


def fetch_all(args):
    """Download what the lists name. Returns the exit status."""
    for target in args.targets:
        if not os.path.exists(target) and target.lower() not in lists.OWN and \
                target.upper() not in lists.OWN.values() and not target.endswith(".json"):
            fetch.suite(lists.suite_named(target), args.suites, say)
    failed = sum(fetch.streams(entry, vectors, args.dirs, say) for entry, vectors in chosen(args))
    if failed:
        say(f"{failed} streams were not fetched")
    return int(failed > 0)


def main():
    """Do what the command line says; returns the exit status."""
    args = parse()
    try:
        if args.command == "run":
            return run_all(args)
        if args.command == "check":
            print(longest(args))
            return 0
        if args.command == "fetch":
            return fetch_all(args)
        if args.command == "list":
            print("\n".join(folder.make(args.folder, args.out, say)))
            return 0
        return tell(args, args.record)
    except (lists.ListError, fetch.FetchError, OSError) as error:
        say(error)
        return CANNOT
    except KeyboardInterrupt:
        say("interrupted")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
