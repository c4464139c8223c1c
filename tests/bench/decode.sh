#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Compares frames per second of our elements, which output NV12, with the software
# elements and a conversion to NV12: avdec_vp9 ! videoconvert, and so on. Both run
# alternately in the same guest; the best of 3 runs after a warm-up counts. The
# time is that of gst-launch-1.0 from PLAYING to the end of the stream.
# Prints a Markdown table for each codec. BENCH_FRAMES and BENCH_CODECS limit the
# work: ./dev run --env BENCH_CODECS=h264 -- tests/bench/decode.sh
set -euo pipefail

frames=${BENCH_FRAMES:-240}
sizes=(640x360:800k 1280x720:2M 1920x1080:4M)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# For each codec: its name, FFmpeg's encoder options (for VP9, with tile columns),
# the parser, our element and the software element.
declare -A name=([vp9]=VP9 [h264]=H.264 [av1]=AV1)
declare -A encoder=(
	[vp9]="-c:v libvpx-vp9 -deadline realtime -cpu-used 7 -row-mt 1 -tile-columns 2"
	[h264]="-c:v libx264 -preset faster -profile:v high"
	[av1]="-c:v libsvtav1 -preset 10 -svtav1-params tile-columns=1:lookahead=32"
)
declare -A parser=([vp9]=vp9parse [h264]=h264parse [av1]=av1parse)
declare -A ours=([vp9]=daedalusvp9dec [h264]=daedalush264dec [av1]=daedalusav1dec)
declare -A theirs=([vp9]=avdec_vp9 [h264]=avdec_h264 [av1]=av1dec)

# clip CODEC SIZE BITRATE: encodes a clip; noise makes it hard to compress.
clip() {
	# shellcheck disable=SC2086  # the options are words
	SVT_LOG=1 ffmpeg -v error -y -f lavfi -i "testsrc2=size=$2:rate=30,noise=alls=6:allf=t:all_seed=1" \
		-frames:v "$frames" ${encoder[$1]} -b:v "$3" -g 120 -pix_fmt yuv420p "$dir/$1-$2.mkv"
}

# fps CODEC SIZE ELEMENTS...: prints the frames per second of one run.
fps() {
	local codec=$1 size=$2
	shift 2
	gst-launch-1.0 filesrc location="$dir/$codec-$size.mkv" ! matroskademux ! "${parser[$codec]}" ! \
		"$@" ! fakesink sync=false 2>"$dir/err" |
		awk -v n="$frames" '/^Execution ended after/ {
			split($NF, t, ":"); s = t[1] * 3600 + t[2] * 60 + t[3]
			printf "%.1f\n", n / s; found = 1
		} END { exit !found }' || { cat "$dir/err" >&2; exit 1; }
}
best() { sort -g "$1" | tail -n 1; }

# row CODEC SIZE: prints a row of the table.
row() {
	local run mine other
	: >"$dir/ours"
	: >"$dir/theirs"
	for run in warm-up 1 2 3; do
		mine=$(fps "$1" "$2" "${ours[$1]}")
		other=$(fps "$1" "$2" "${theirs[$1]}" ! videoconvert ! video/x-raw,format=NV12)
		[ $run = warm-up ] && continue
		echo "$mine" >>"$dir/ours"
		echo "$other" >>"$dir/theirs"
	done
	echo "| $2 | $(best "$dir/ours") fps | $(best "$dir/theirs") fps |" \
		"$(echo "$(best "$dir/ours") $(best "$dir/theirs")" | awk '{ printf "%.2f", $1 / $2 }') |"
}

echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs," \
	"Linux $(uname -r), $frames frames, ./dev bench${DAEDALUS_LANE:+ --lane $DAEDALUS_LANE}"
for codec in ${BENCH_CODECS:-vp9 h264 av1}; do
	[ -n "${ours[$codec]:-}" ] || { echo "no codec $codec; there are: ${!ours[*]}" >&2; exit 2; }
	echo
	echo "| ${name[$codec]} | ${ours[$codec]} | ${theirs[$codec]} ! videoconvert | ratio |"
	echo "|---|---|---|---|"
	for spec in "${sizes[@]}"; do
		clip "$codec" "${spec%:*}" "${spec#*:}"
		row "$codec" "${spec%:*}"
	done
done
