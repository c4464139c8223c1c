# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes lists for a folder of streams.

The reference of a stream is a file beside it, as the standard bodies ship them:
STREAM.md5, or STREAM without its suffix and .md5, _yuv.md5 or .yuv.md5. It has the MD5 of
all frames, or a line for each frame that begins with the frame's MD5. Without such a
file, or if it has the MD5 of the stream itself, FFmpeg's own program decodes the stream.
"""

import json
import os
import re
import subprocess

import elements
import lists
import runner

SUFFIXES = (".ivf", ".webm", ".mkv", ".mp4", ".mov", ".m4v", ".ts", ".avi", ".flv", ".264", ".h264",
            ".avc", ".26l", ".jsv", ".jvt", ".jm", ".bit", ".bits", ".vp9", ".av1", ".obu")

# fluster's names of FFmpeg's pixel formats, if they differ. Full range changes no sample.
FORMATS = {"yuvj420p": "yuv420p", "yuvj422p": "yuv422p", "yuvj444p": "yuv444p"}
# Those that fluster has no name for, and what an error must name.
NAMELESS = {"yuv440": "4:4:0", "yuvj440": "4:4:0", "p14le": "14 bits"}

TIMEOUT = 600


def program(*command):
    """The output of one of FFmpeg's programs, and why it failed or None."""
    try:
        run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             check=False, timeout=TIMEOUT)
    except FileNotFoundError as error:
        raise lists.ListError(f"{command[0]} is not installed: it tells codecs and references "
                              "of a folder of streams") from error
    except subprocess.TimeoutExpired:
        return "", f"{command[0]} took more than {TIMEOUT} s"
    said = run.stderr.strip().splitlines() or ["it does not say why"]
    return run.stdout, f"{command[0]}: {said[-1]}" if run.returncode else None


def probe(path):
    """(codec, pixel format) by FFmpeg's names; ("", "") if this is no video."""
    said = program("ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
                   "stream=codec_name,pix_fmt", "-of", "default=noprint_wrappers=1", path)[0]
    values = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    return values.get("codec_name", ""), values.get("pix_fmt", "")


def reference(path):
    """MD5 of all frames by FFmpeg, without scaling, dropping or doubling any; or None,
    and why."""
    said, why = program("ffmpeg", "-v", "error", "-noautorotate", "-i", path, "-map", "0:v:0",
                        "-noautoscale", "-fps_mode", "passthrough", "-c:v", "rawvideo",
                        "-f", "md5", "-")
    found = None if why else re.fullmatch(r"MD5=([0-9a-f]{32})\s*", said)
    return (found.group(1), None) if found else (None, why or "ffmpeg printed no MD5")


def beside(path, checksum):
    """The MD5s of the file beside a stream; none if it is missing or is about the stream."""
    stem = os.path.splitext(path)[0]
    for name in (f"{path}.md5", f"{stem}.md5", f"{stem}_yuv.md5", f"{stem}.yuv.md5"):
        if os.path.isfile(name):
            with open(name, encoding="utf-8", errors="replace") as file:
                md5s = re.findall(r"^\s*(?:MD5\s*[=(].*?)?([0-9a-fA-F]{32})\b", file.read(), re.M)
            if not md5s:
                raise lists.ListError(f"{name} has no MD5")
            return [] if md5s == [checksum] else [md5.lower() for md5 in md5s]
    return []


def format_of(pixels):
    """fluster's name of a pixel format, and what an error must name."""
    words = [word for part, word in NAMELESS.items() if part in pixels]
    return ("Unknown" if words else FORMATS.get(pixels, pixels)) or "Unknown", words


def vector_of(path, top, pixels, say):
    """A stream as a list has it; None if there is no reference."""
    name = os.path.relpath(path, top)
    checksum = lists.md5_of(path)
    vector = {"name": name, "source": "", "source_checksum": checksum, "input_file": name}
    vector["output_format"], words = format_of(pixels)
    if words:
        vector["optional_params"] = {"refused_for": words}
    md5s = beside(path, checksum)
    if len(md5s) > 1:
        vector["frame_md5s"] = md5s
        vector["result"] = runner.frame_digest(md5s)
    else:
        vector["result"], why = (md5s[0], None) if md5s else reference(path)
        if why:
            say(f"left out, as it has no reference: {name}: {why}")
            return None
    return vector


def streams_of(top):
    """The paths of all streams, in order."""
    for place, folders, names in os.walk(top):
        folders.sort()
        for name in sorted(names):
            if os.path.splitext(name)[1].lower() in SUFFIXES:
                yield os.path.join(place, name)


def make(top, out, say):
    """Write a list for each codec to the folder OUT. Returns their paths."""
    by_probed = {codec.probed: codec.name for codec in elements.CODECS.values()}
    if not os.path.isdir(top):
        raise lists.ListError(f"{top}: no such folder")
    vectors = {}
    for path in streams_of(top):
        probed, pixels = probe(path)
        if probed not in by_probed:
            say(f"left out, as it is {probed or 'no video'}: {os.path.relpath(path, top)}")
            continue
        vector = vector_of(path, top, pixels, say)
        if vector:
            vectors.setdefault(by_probed[probed], []).append(vector)
    if not vectors:
        raise lists.ListError(f"no stream of {', '.join(elements.CODECS)} is in {top}")
    paths = []
    base = os.path.basename(os.path.realpath(top)) or "streams"
    for codec, entries in vectors.items():
        paths.append(os.path.join(out, f"{base}-{codec}.json"))
        with open(paths[-1], "w", encoding="utf-8") as file:
            json.dump({"name": f"{base}-{codec}", "codec": codec, "description": f"of {top}",
                       "test_vectors": entries}, file, indent=1)
    return paths
