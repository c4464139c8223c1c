#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# All H.264 conformance streams through the engine: 4:2:0 of 8 and 10 bits exact,
# everything else refused.
#
#   engine_h264_vectors.sh TEST_PROGRAM VECTORS WORK_DIR
#
# Exit status: 0, 1, or 77 if the streams or ffmpeg, which takes them out of
# containers, are missing.
set -eu

program=$1
vectors=$2
dir=$3

if ! [ -e "$vectors/vectors.tsv" ]; then
	echo "no conformance streams in ../shared/vectors beside the checkout"
	exit 77
fi
if ! command -v ffmpeg >/dev/null; then
	echo "ffmpeg is not installed: some streams are in containers"
	exit 77
fi
mkdir -p "$dir"
awk -F '\t' '$2 == "h264" { print $1 "\t" $4 "\t" $5 "\t" $8 }' "$vectors/vectors.tsv" >"$dir/list"

exact=0 refused=0 wrong=0
while IFS='	' read -r file format size md5; do
	stream=$vectors/$file
	case $file in
	*.mp4|*.mkv)
		ffmpeg -v error -y -i "$stream" -map 0:v:0 -c copy -bsf:v h264_mp4toannexb \
			-f h264 "$dir/stream.264" </dev/null
		stream=$dir/stream.264 ;;
	esac
	case $format in
	yuv420p|yuvj420p|yuv420p10le) ;;
	*)	# Nothing of it may be called exact, so nothing is written.
		rm -f "$dir/out.yuv"
		timeout 60 "$program" --dump "$stream" "$dir/out.yuv" >"$dir/log" 2>&1 || true
		if grep -Eq 'status 3:|several slice groups' "$dir/log" && ! [ -s "$dir/out.yuv" ]; then
			refused=$((refused + 1))
		else
			wrong=$((wrong + 1))
			echo "$file ($format) is not refused: $(tail -1 "$dir/log")"
		fi
		continue ;;
	esac
	timeout 60 "$program" --dump "$stream" "$dir/out.yuv" "$size" >"$dir/log" 2>&1 || true
	if [ "$(md5sum <"$dir/out.yuv" | cut -c1-32)" = "$md5" ]; then
		exact=$((exact + 1))
	else
		wrong=$((wrong + 1))
		echo "$file differs: $(tail -1 "$dir/log")"
	fi
done <"$dir/list"
rm -f "$dir/out.yuv" "$dir/stream.264"
echo "$exact exact, $refused refused, $wrong wrong"
[ "$wrong" = 0 ] && [ "$exact" -gt 0 ]
