#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Make a conformance list in fluster's JSON form from a table of streams.

The table has tab-separated columns with a header line. The columns file, codec,
pix_fmt, md5_planar, features and origin are used. A stream's source_checksum is the
MD5 of the file; "field_pictures" marks streams with field pictures.
"""

import argparse
import csv
import hashlib
import json
import os
import sys


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
            vector = {
                "name": os.path.splitext(os.path.basename(row["file"]))[0],
                "source": row["origin"],
                "source_checksum": checksum,
                "input_file": row["file"],
                "output_format": row["pix_fmt"],
                "result": row["md5_planar"],
            }
            if "field-pics" in row["features"].split(","):
                vector["field_pictures"] = True
            vectors.append(vector)
    json.dump({
        "name": f"DAEDALUS-{args.codec.upper()}",
        "codec": args.codec.upper(),
        "description": f"{args.codec.upper()} streams with the MD5 of all frames, planar",
        "test_vectors": sorted(vectors, key=lambda v: v["name"]),
    }, sys.stdout, indent=4)
    print()


if __name__ == "__main__":
    sys.exit(main())
