#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# "./dev conformance": a folder of clips, a list that is downloaded from a server on
# loopback, and what can go wrong. selftest-fetch tests the parts.
# where: host
# timeout: 600
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/run.sh
. "$here/lib/run.sh"
dev=$DAEDALUS_REPO/dev
work=$(mktemp -d)
server=''
trap '[ -z "$server" ] || kill "$server"; rm -rf "$tap_output" "$work"' EXIT

# ends STATUS TEXT ARGS...: does "./dev conformance ARGS" end with STATUS and say TEXT?
ends() {
	local status=$1 text=$2 said good=0
	shift 2
	said=$(ends_with "$status" timeout -k 5 300 "$dev" conformance "$@" 2>&1 </dev/null) || good=1
	tee "$work/said" <<<"$said"
	[[ $said == *"$text"* ]] || { echo "it did not say: $text"; good=1; }
	return $good
}

# The clips: VP9 in 4:2:0 with the MD5s of its frames beside it, and in 4:4:4; H.264 with
# the MD5 of all frames; AV1 without a file, so that FFmpeg makes the reference.
mkdir -p "$work/clips/more" "$work/vp9"
cat >"$work/make.sh" <<'END'
set -e
source='-v error -y -f lavfi -i testsrc2=size=96x64:rate=10 -frames:v 6'
ffmpeg $source -pix_fmt yuv420p -c:v libvpx-vp9 -cpu-used 8 -deadline realtime "$1/a.webm"
ffmpeg $source -pix_fmt yuv444p -c:v libvpx-vp9 -cpu-used 8 -deadline realtime "$1/full.webm"
ffmpeg $source -pix_fmt yuv420p -c:v libx264 -bf 2 "$1/more/b.mp4"
ffmpeg $source -pix_fmt yuv420p -c:v libaom-av1 -cpu-used 8 -usage realtime "$1/more/c.mkv"
vpxdec --rawvideo --i420 --md5 -o frame-%4.i420 "$1/a.webm" >"$1/a.webm.md5"
ffmpeg -v error -i "$1/more/b.mp4" -f rawvideo - | md5sum >"$1/more/b_yuv.md5"
END
check "the clips" "$dev" run --share "$work" -- sh "$work/make.sh" "$work/clips"
cp "$work/clips/a.webm" "$work/vp9/1.webm"
cp "$work/clips/a.webm" "$work/vp9/2.webm"
frames=$(cat "$work/clips/a.webm.md5")
lines_of_md5s() { [ "$(grep -cE '^[0-9a-f]{32} ' <<<"$frames")" -eq 6 ]; }
check "vpxdec made an MD5 for each frame" lines_of_md5s

# reports: JSON and JUnit say what the text does.
reports() {
	python3 - "$work/report" <<-'END'
		import json, sys, xml.etree.ElementTree as xml
		data = json.load(open(sys.argv[1] + ".json"))
		kinds = {r["stream"]: (r["kind"], r["software"]["kind"])
		         for part in data["lists"] for r in part["results"]}
		print(kinds)
		assert kinds == {"a.webm": ("exact", "exact"), "full.webm": ("refused", "exact"),
		                 "more/b.mp4": ("exact", "exact"), "more/c.mkv": ("exact", "exact")}
		assert (data["exact"], data["supported"], data["good"]) == (3, 3, True)
		root = xml.parse(sys.argv[1] + ".xml").getroot()
		assert len(root.findall(".//testcase")) == 4 and not root.findall(".//failure")
	END
}
check_kind exact "a folder of three codecs, references of three sorts" \
	ends 0 '3 of 3 exact, 1 refused' "$work/clips" --json "$work/report.json" --junit "$work/report.xml"
check "its reports" reports

# A wrong reference for one frame.
sed -i '3s/^[0-9a-f]\{4\}/0000/' "$work/clips/a.webm.md5"
mkdir "$work/wrong"
mv "$work/clips/a.webm" "$work/clips/a.webm.md5" "$work/wrong/"
check "a wrong MD5 of one frame" ends 1 '0 of 1 exact, 1 wrong' "$work/wrong" --no-software

# A list from a server on loopback. The second stream is another file than the list says.
python3 - "$work" <<'END'
import hashlib, json, shutil, sys
work = sys.argv[1]
shutil.make_archive(f"{work}/served", "zip", f"{work}/vp9")
def vector(name, file, data, source):
    md5 = hashlib.md5(open(data, "rb").read()).hexdigest()
    return {"name": name, "source": f"http://127.0.0.1:PORT/{source}", "source_checksum": md5,
            "input_file": file, "output_format": "yuv420p", "result": "0" * 32}
vectors = [vector("zipped", "1.webm", f"{work}/served.zip", "served.zip"),
           vector("other", "2.webm", f"{work}/served.zip", "vp9/2.webm")]
json.dump({"name": "SERVED", "codec": "VP9", "description": "", "test_vectors": vectors},
          open(f"{work}/served.json", "w"))
END
python3 -u -c '
import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
    print(server.server_port)
    server.serve_forever()' "$work" >"$work/port" 2>/dev/null &
server=$!
for _ in {1..100}; do
	[ ! -s "$work/port" ] || break
	sleep 0.1
done
sed -i "s/PORT/$(cat "$work/port")/g" "$work/served.json"
md5=$(ends 1 'not fetched: other: ' "$work/served.json" --fetch --dir "$work/got" --no-software |
	sed -nE 's/.*MD5 ([0-9a-f]{32}), expected.*/\1/p')
sed -i "s/\"result\": \"0*\"/\"result\": \"$md5\"/" "$work/served.json"
check "a list that is downloaded: one exact, one that is another file" \
	ends 1 '1 of 2 exact, 1 missing' "$work/served.json" --fetch --dir "$work/got" --no-software
check "it says why" grep 'not fetched: other: .*its MD5 is' "$work/said"

# What can go wrong.
check "an unknown list" ends 2 'no list nonsense: give a path, or one of' nonsense
check "a list of fluster that is not there" ends 2 'download it with --fetch' JVT-FR-EXT --dir "$work/vp9"
sed 's/"VP9"/"H.265"/' "$work/served.json" >"$work/other.json"
check "a list of another codec" ends 2 'SERVED is a list of H.265' "$work/other.json" --dir "$work/got"
check "an element of another codec" \
	ends 2 'daedalush264dec decodes H.264' "$work/vp9" --decoder daedalush264dec
check "an element that does not exist" \
	ends 2 'no element "nonsensedec"' "$work/vp9" --decoder nonsensedec
check "no stream is there" ends 2 'no stream of SERVED is in' "$work/served.json" --dir "$work/wrong"
check "a folder without streams" ends 2 'no stream of VP9, H.264, AV1 is in' "$DAEDALUS_REPO/docs"
check "--jobs 0" ends 125 'want a number, 1 or more' --jobs 0
check "an option of another command" run_ends 125 'are options of conformance' --jobs 2 -- true
check "a stream that does not end" ends 1 'no end of stream within 2 s' "$work/vp9" --no-software \
	--stream-timeout 2 --decoder 'daedalusvp9dec ! identity sleep-time=4000000'

# interrupted SIGNAL STATUS: when the first stream has a result, end "./dev conformance".
interrupted() {
	local status=0 pid
	: >"$work/said"
	mkfifo "$work/lines"
	env --default-signal=INT,TERM "$dev" conformance "$work/vp9" --jobs 1 --no-software --json "$work/part.json" \
		--decoder 'daedalusvp9dec ! identity sleep-time=700000' >"$work/lines" 2>&1 </dev/null &
	pid=$!
	while IFS= read -r line; do
		tee -a "$work/said" <<<"$line"
		[[ $line != exact* ]] || kill "-$1" "$pid"
	done <"$work/lines"
	wait "$pid" || status=$?
	rm "$work/lines"
	echo "status $status"
	[ $status -eq "$2" ] && grep -q '"interrupted": true' "$work/part.json" &&
		grep -q '"exact": 1,' "$work/part.json"
}
check "Ctrl-C: a report of what was decoded" interrupted INT 130
check "it says so" grep '^interrupted: 1 of 2 streams have a result' "$work/said"
tap_done
