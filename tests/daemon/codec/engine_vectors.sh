#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# All conformance streams of a codec through its engine: 4:2:0 of 8 and 10 bits
# exact, everything else refused. The exit status of the program counts, too: a program
# that crashes or hangs after it wrote the right picture is a failure.
#
#   engine_vectors.sh h264|av1 TEST_PROGRAM VECTORS WORK_DIR [SECONDS]
#
# VECTORS is the folder of the streams. If DAEDALUS_VECTORS is set, it is that one: ./dev
# resolves symbolic links, which lead nowhere in a guest. SECONDS: how long a stream may take
# (default 60). Exit status: 0, 1, or 77 if the streams or ffmpeg, which takes H.264 out of
# containers, are missing; with CI=true, a folder without the table of streams is a failure.
set -eu

codec=$1
program=$2
vectors=${DAEDALUS_VECTORS:-$3}
dir=$4
seconds=${5:-60}

if ! [ -e "$vectors/vectors.tsv" ]; then
	echo "no conformance streams in ../shared/vectors beside the checkout"
	[ "${CI:-}" != true ] || ! [ -d "$vectors" ] || exit 1
	exit 77
fi
if [ "$codec" = h264 ] && ! command -v ffmpeg >/dev/null; then
	echo "ffmpeg is not installed: some streams are in containers"
	exit 77
fi
mkdir -p "$dir"
awk -F '\t' -v codec="$codec" '$2 == codec { print $1 "\t" $4 "\t" $5 "\t" $8 }' \
	"$vectors/vectors.tsv" >"$dir/list"

# decode STREAM [SIZE]: to $dir/out.yuv, with the output of the program in $dir/log and its
# exit status in $status
decode() {
	# is_refused() needs to know that no frame was written.
	rm -f "$dir/out.yuv"
	stream=$1
	status=0
	shift
	case $codec:$stream in
	h264:*.mp4|h264:*.mkv)
		if ! ffmpeg -v error -y -i "$stream" -map 0:v:0 -c copy -bsf:v h264_mp4toannexb \
			-f h264 "$dir/stream.264" >"$dir/log" 2>&1 </dev/null; then
			status=ffmpeg
			return
		fi
		stream=$dir/stream.264 ;;
	esac
	timeout "$seconds" "$program" --dump "$stream" "$dir/out.yuv" "$@" >"$dir/log" 2>&1 ||
		status=$?
}

is_exact() {
	[ "$status" = 0 ] || return 1
	[ "$(md5sum <"$dir/out.yuv" | cut -c1-32)" = "$1" ] || return 1
	# For AV1, no frame may be flagged with an error either.
	[ "$codec" = h264 ] || grep -q ' 0 with errors$' "$dir/log"
}

# The program ends with 0 when the engine refuses a picture. It ends with 1 when it cannot
# read the stream: it does not know slice groups.
is_refused() {
	! [ -s "$dir/out.yuv" ] || return 1
	case $status in
	0) grep -q 'status 3:' "$dir/log" ;;
	1) grep -q 'several slice groups' "$dir/log" ;;
	*) return 1 ;;
	esac
}

exact=0 refused=0 wrong=0
while IFS='	' read -r file format size md5; do
	case $format in
	yuv420p|yuvj420p|yuv420p10le)
		if [ "$codec" = h264 ]; then
			decode "$vectors/$file" "$size"
		else
			decode "$vectors/$file"
		fi
		if is_exact "$md5"; then
			exact=$((exact + 1))
			continue
		fi ;;
	*)
		decode "$vectors/$file"
		if is_refused; then
			refused=$((refused + 1))
			continue
		fi ;;
	esac
	wrong=$((wrong + 1))
	echo "$file ($format) is wrong, status $status: $(tail -n 1 "$dir/log")"
done <"$dir/list"
rm -f "$dir/out.yuv" "$dir/stream.264"
echo "$exact exact, $refused refused, $wrong wrong"
[ "$wrong" = 0 ] && [ "$exact" -gt 0 ]
