#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Make a conformance list in fluster's JSON form from a table of streams.

The table has tab-separated columns with a header line. The columns file, codec,
pix_fmt, md5_planar, features and origin are used. The origin is OWNER/REPOSITORY@PATH
on GitHub. A stream's source_checksum is the MD5 of the file. fluster refuses a list with
a member that it does not know, so what is only for Daedalus goes to "optional_params":
"field_pictures" marks streams with field pictures, and "refused_for" has what the error
must name if "output_format" does not tell.
"""

import argparse
import csv
import hashlib
import json
import os
import sys
import urllib.parse

# fluster's names of codecs, if they differ from those of the table.
CODECS = {"h264": "H.264"}

# Pixel formats that fluster has no name for: its name, and what is not supported.
# Full range changes no sample. "?" stands where FFmpeg cannot decode.
NAMELESS = {
    "yuvj420p": ("yuv420p", []),
    "yuv440p": ("Unknown", ["4:4:0"]),
    "yuv440p10le": ("Unknown", ["4:4:0"]),
    "yuv440p12le": ("Unknown", ["4:4:0", "12 bits"]),
    "yuv420p14le": ("Unknown", ["14 bits"]),
    "?": ("Unknown", ["slice groups"]),
}


def url_of(origin):
    """The address of a file on GitHub; the list's checksum tells if it has changed."""
    repository, path = origin.split("@", 1)
    return f"https://raw.githubusercontent.com/{repository}/HEAD/{urllib.parse.quote(path)}"


def main():
    """Read the table, write the list to stdout."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", help="tab-separated table of streams")
    parser.add_argument("codec", help="value of its codec column, e.g. vp9")
    args = parser.parse_args()

    folder = os.path.dirname(args.table)
    vectors = []
    with open(args.table, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["codec"] != args.codec:
                continue
            with open(os.path.join(folder, row["file"]), "rb") as stream:
                checksum = hashlib.md5(stream.read()).hexdigest()
            output_format, refused_for = NAMELESS.get(row["pix_fmt"], (row["pix_fmt"], []))
            params = {}
            if "field-pics" in row["features"].split(","):
                params["field_pictures"] = True
            if refused_for:
                params["refused_for"] = refused_for
            vector = {
                "name": os.path.splitext(os.path.basename(row["file"]))[0],
                "source": url_of(row["origin"]),
                "source_checksum": checksum,
                "input_file": row["file"],
                "output_format": output_format,
                "result": row["md5_planar"],
            }
            if params:
                vector["optional_params"] = params
            vectors.append(vector)
    codec = CODECS.get(args.codec, args.codec.upper())
    json.dump({
        "name": f"DAEDALUS-{args.codec.upper()}",
        "codec": codec,
        "description": f"{codec} streams with the MD5 of all frames, planar",
        "test_vectors": sorted(vectors, key=lambda v: v["name"]),
    }, sys.stdout, indent=4)
    print()


if __name__ == "__main__":
    sys.exit(main())
