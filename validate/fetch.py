# SPDX-License-Identifier: LGPL-2.1-or-later
"""Downloads what lists name, checks it and unpacks archives.

A file is downloaded as FILE.part, which the next attempt continues. It gets its name only
after its MD5 was compared, so a file that is there is whole.
"""

import contextlib
import http.client
import os
import shutil
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile

import lists

TIMEOUT = 60
ATTEMPTS = 3
CHUNK = 1 << 20


class FetchError(Exception):
    """A file that cannot be had; the text says why."""


@contextlib.contextmanager
def temporary_file():
    """The path of a file that is removed in the end."""
    with tempfile.TemporaryDirectory() as folder:
        yield os.path.join(folder, "file")


def transfer(url, part):
    """Download the rest of URL to PART. Returns whether it arrived whole."""
    have = os.path.getsize(part) if os.path.exists(part) else 0
    request = urllib.request.Request(url, headers={"User-Agent": "daedalus-conformance"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        continues = response.status == 206
        expected = response.headers.get("Content-Length")
        with open(part, "ab" if continues else "wb") as file:
            begin = file.tell()
            shutil.copyfileobj(response, file, CHUNK)
            return expected is None or file.tell() - begin == int(expected)


def download(url, path, checksum, base=None):
    """Download URL to PATH unless it is there. CHECKSUM is its MD5."""
    known = checksum != lists.SKIP_CHECKSUM
    if os.path.exists(path) and (not known or lists.md5_of(path) == checksum):
        return
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise FetchError(f"{url or 'it'} is no http or https address")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    part = f"{path}.part"
    why = ""
    for _ in range(ATTEMPTS):
        resumed = os.path.exists(part)
        try:
            whole = transfer(url, part)
        except urllib.error.HTTPError as error:
            if error.code == 416 and resumed:
                # PART has all bytes, or is of another file: the MD5 tells.
                whole = True
            elif error.code < 500:
                raise FetchError(f"{url}: HTTP status {error.code} {error.reason}") from error
            else:
                why = f"HTTP status {error.code} {error.reason}"
                continue
        except (OSError, ValueError, http.client.HTTPException) as error:
            why = str(getattr(error, "reason", error))
            continue
        if not whole:
            why = "the connection ended too early"
            continue
        found = lists.md5_of(part)
        if not known or found == checksum:
            os.replace(part, path)
            return
        os.remove(part)
        why = f"its MD5 is {found}, not {checksum}"
        # What was continued may have been the beginning of another file.
        if not resumed:
            break
    raise FetchError(f"{base or url}: {why}")


def members(archive, called):
    """The names of the files in an archive, and a function that opens one of them."""
    try:
        if archive.lower().endswith(".zip"):
            # pylint: disable-next=consider-using-with
            opened = zipfile.ZipFile(archive)
            return opened, [n for n in opened.namelist() if not n.endswith("/")], opened.open
        # pylint: disable-next=consider-using-with
        opened = tarfile.open(archive)
        files = [member for member in opened.getmembers() if not member.isdir()]
        if any(not member.isfile() for member in files):
            opened.close()
            raise FetchError(f"{called} has links or devices in it")
        return opened, [member.name for member in files], opened.extractfile
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
        raise FetchError(f"{called} cannot be unpacked: {error}") from error


def unpack(archive, called, wanted):
    """Unpack some files of an archive, which is CALLED so at its source. WANTED is {name in
    the archive: path}. Returns the names that the archive does not have."""
    opened, names, reader = members(archive, called)
    with opened:
        outside = [name for name in names if not lists.inside(name)]
        if outside:
            raise FetchError(f"{called} has a path outside of its folder: "
                             f"{outside[0]}")
        absent = []
        for name, path in wanted.items():
            # Some archives have a folder of their own name, which lists leave out.
            found = [n for n in (name, f"./{name}", f"{called}/{name}")
                     if n in names]
            if not found:
                absent.append(name)
                continue
            os.makedirs(os.path.dirname(path), exist_ok=True)
            try:
                with reader(found[0]) as source, open(f"{path}.part", "wb") as file:
                    shutil.copyfileobj(source, file, CHUNK)
            except (zipfile.BadZipFile, tarfile.TarError, EOFError, RuntimeError) as error:
                raise FetchError(f"{called} cannot be unpacked: {error}") \
                    from error
            os.replace(f"{path}.part", path)
        return absent


def suite(name, folder, say):
    """Download a list of fluster to FOLDER."""
    place, checksum = lists.SUITES[name]
    base = os.environ.get("DAEDALUS_FLUSTER", lists.FLUSTER)
    path = os.path.join(folder, f"{name}.json")
    if not os.path.exists(path):
        say(f"downloading the list {name}")
    download(f"{base}/{place}/{name}.json", path, checksum)


def source_of(source, vectors, top, entry):
    """Fetch one source for all VECTORS that come from it."""
    place = {v["name"]: os.path.join(top, entry.places(v)[-1]) for v in vectors}
    checksum = vectors[0]["source_checksum"]
    if not lists.is_archive(urllib.parse.urlsplit(source).path):
        for vector in vectors:
            download(source, place[vector["name"]], vector["source_checksum"])
        return
    name = os.path.basename(urllib.parse.urlsplit(source).path)
    archive = os.path.join(top, entry.name, f".{checksum}-{name}")
    download(source, archive, checksum)
    wanted = {}
    for vector in vectors:
        wanted[vector["input_file"]] = place[vector["name"]]
    try:
        absent = unpack(archive, name, wanted)
    finally:
        os.remove(archive)
    if absent:
        raise FetchError(f"{name} has no file {', '.join(absent)}")


def streams(entry, vectors, folders, say):
    """Download the streams of a list that are in none of FOLDERS, to the first one.
    Returns how many could not be had; each has a message."""
    sources, failed = {}, 0
    for vector in vectors:
        path = entry.find(vector, folders)
        whole = path and (lists.is_archive(vector.get("source", "")) or
                          vector["source_checksum"] in (lists.SKIP_CHECKSUM, lists.md5_of(path)))
        if not whole:
            sources.setdefault(vector.get("source", ""), []).append(vector)
    for number, (source, those) in enumerate(sources.items(), 1):
        say(f"{entry.name}: downloading {number} of {len(sources)}: {source}")
        try:
            source_of(source, those, folders[0], entry)
        except (FetchError, OSError) as error:
            failed += len(those)
            say(f"not fetched: {', '.join(v['name'] for v in those)}: {error}")
    return failed
