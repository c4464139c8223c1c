#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run a conformance list through a decoder element and compare the MD5s.

A list is a test suite in fluster's JSON form: {"name", "codec", "description",
"test_vectors": [{"name", "source_checksum", "input_file", "output_format",
"result"}]}. Streams are looked up in --dir, by "input_file".

Writes TAP to stdout: one line per stream.
"""

import argparse
import json
import os
import subprocess
import sys

DECODABLE = ("yuv420p", "yuvj420p", "yuv420p10le")


def load(paths):
    """All test vectors of the lists, in order."""
    vectors = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            vectors += json.load(file)["test_vectors"]
    return vectors


def load_excuses(path, element):
    """Streams that ELEMENT cannot do, by its own limits: {name: reason}."""
    if not path:
        return {}
    with open(path, encoding="utf-8") as file:
        return json.load(file).get(element, {})


def verdict(vector, fields, excuse):
    """(passed, explanation) for one line of decode-md5."""
    if vector["output_format"] not in DECODABLE:
        if fields[0] == "ok":
            return False, f"decoded although {vector['output_format']} is not supported"
        if "no end of stream" in fields[1] or "checksum" in fields[1]:
            return False, f"refused without a clear error: {fields[1]}"
        return True, f"refused: {fields[1]}"
    if fields[0] == "ok" and fields[1] == vector["result"]:
        # An excuse that is not needed any more must go.
        return (False, f"exact, but listed as impossible: {excuse}") if excuse else (True, "")
    what = f"MD5 {fields[1]}, expected {vector['result']}, {fields[2]} frames" \
        if fields[0] == "ok" else fields[1]
    return (True, f"SKIP {excuse} ({what})") if excuse else (False, what)


def main():
    """Parse the arguments, decode, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lists", nargs="+", help="test suites in fluster's JSON form")
    parser.add_argument("--dir", required=True, help="folder of the streams")
    parser.add_argument("--decoder", required=True, help="GStreamer element")
    parser.add_argument("--tool", required=True, help="path of decode-md5")
    parser.add_argument("--timeout", default="60", help="seconds per stream")
    parser.add_argument("--excuses", help="JSON: {element: {stream: reason}}")
    parser.add_argument("--only", default="", help="only streams whose output_format is in this "
                        "comma-separated list")
    parser.add_argument("--stats", help="write 'exact total frames milliseconds' there")
    args = parser.parse_args()

    vectors = load(args.lists)
    if args.only:
        vectors = [v for v in vectors if v["output_format"] in args.only.split(",")]
    excuses = load_excuses(args.excuses, args.decoder.split()[0])
    present = [v for v in vectors if os.path.exists(os.path.join(args.dir, v["input_file"]))]

    tool = subprocess.Popen([args.tool, "--decoder", args.decoder, "--timeout", args.timeout],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    exact = total = frames = milliseconds = 0
    for number, vector in enumerate(vectors, 1):
        name = vector["name"]
        if vector not in present:
            print(f"ok {number} - {name} # SKIP {vector['input_file']} is not in {args.dir}")
            continue
        path = os.path.join(args.dir, vector["input_file"])
        tool.stdin.write(f"{path}\t{vector['output_format']}\n")
        tool.stdin.flush()
        line = tool.stdout.readline()
        if not line:
            print(f"not ok {number} - {name}\n# decode-md5 died of status {tool.wait()}")
            return 1
        fields = line.rstrip("\n").split("\t")[1:]
        passed, why = verdict(vector, fields, excuses.get(name))
        if fields[0] == "ok":
            frames += int(fields[2])
            milliseconds += int(fields[3])
        total += vector["output_format"] in DECODABLE
        exact += fields[0] == "ok" and fields[1] == vector["result"]
        mark = f" # {why}" if why and passed else ""
        print(f"{'ok' if passed else 'not ok'} {number} - {name}{mark}", flush=True)
        if not passed:
            print(f"# {why}", flush=True)
    print(f"1..{len(vectors)}")
    print(f"{args.decoder}: {exact} of {total} exact, {frames} frames in {milliseconds} ms",
          file=sys.stderr)
    if args.stats:
        with open(args.stats, "w", encoding="utf-8") as file:
            file.write(f"{exact} {total} {frames} {milliseconds}\n")
    tool.stdin.close()
    return tool.wait()


if __name__ == "__main__":
    sys.exit(main())
