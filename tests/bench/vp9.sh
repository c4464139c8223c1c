#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Frames per second of daedalusvp9dec, whose NV12 is ready for display, against
# the software element that gives the same: avdec_vp9 ! videoconvert ! NV12.
# Both in one run in one guest, alternating, best of 3 after a warm-up. The time
# is what gst-launch-1.0 says between PLAYING and the end of the stream.
# Prints a Markdown table.
set -euo pipefail

frames=${BENCH_FRAMES:-240}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# clip SIZE BITRATE: two tile columns or more from 720p on, noise to keep busy.
clip() {
	ffmpeg -v error -y -f lavfi -i "testsrc2=size=$1:rate=30,noise=alls=6:allf=t:all_seed=1" \
		-frames:v "$frames" -c:v libvpx-vp9 -b:v "$2" -g 120 -deadline realtime -cpu-used 7 \
		-row-mt 1 -tile-columns 2 -pix_fmt yuv420p "$dir/$1.webm"
}

# fps SIZE ELEMENTS...: frames per second of one run.
fps() {
	local size=$1
	shift
	gst-launch-1.0 filesrc location="$dir/$size.webm" ! matroskademux ! vp9parse ! \
		"$@" ! fakesink sync=false 2>"$dir/err" |
		awk -v n="$frames" '/^Execution ended after/ {
			split($NF, t, ":"); s = t[1] * 3600 + t[2] * 60 + t[3]
			printf "%.1f\n", n / s; found = 1
		} END { exit !found }' || { cat "$dir/err" >&2; exit 1; }
}
best() { sort -g | tail -n 1; }

echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs," \
	"Linux $(uname -r), $frames frames, ./dev bench${DAEDALUS_LANE:+ --lane $DAEDALUS_LANE}"
echo
echo "| VP9 | daedalusvp9dec | avdec_vp9 ! videoconvert | ratio |"
echo "|---|---|---|---|"
for spec in 640x360:800k 1280x720:2M 1920x1080:4M; do
	size=${spec%:*}
	clip "$size" "${spec#*:}"
	: >"$dir/ours"
	: >"$dir/theirs"
	for run in warm-up 1 2 3; do
		ours=$(fps "$size" daedalusvp9dec)
		theirs=$(fps "$size" avdec_vp9 ! videoconvert ! video/x-raw,format=NV12)
		[ $run = warm-up ] && continue
		echo "$ours" >>"$dir/ours"
		echo "$theirs" >>"$dir/theirs"
	done
	echo "| $size | $(best <"$dir/ours") fps | $(best <"$dir/theirs") fps |" \
		"$(echo "$(best <"$dir/ours") $(best <"$dir/theirs")" | awk '{ printf "%.2f", $1 / $2 }') |"
done
