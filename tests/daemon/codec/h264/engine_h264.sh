#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes an H.264 clip with x264 and runs the tests of the engine and of the parameter
# sets on it.
#
#   engine_h264.sh TEST_PROGRAM KIND WORK_DIR PARAMS_TEST_PROGRAM
#
# Exit status: of the test; 77 if ffmpeg or its libx264 is missing.
set -eu

program=$1
kind=$2
params=$4
dir=$3/clip-h264-$kind

if ! command -v ffmpeg >/dev/null || ! ffmpeg -hide_banner -encoders | grep -q libx264; then
	echo "ffmpeg with libx264 is not installed: no clip to decode"
	exit 77
fi

# part WIDTHxHEIGHT OPTIONS: append a part to the clip, with options of x264.
part() {
	ffmpeg -v error -y -f lavfi -i "testsrc2=size=256x256:rate=25,scale=${1%x*}:${1#*x}$filter" \
		-frames:v "$frames" -pix_fmt "$format" -c:v libx264 -preset faster -threads 1 \
		-x264-params "log=-1:scenecut=0:$2" -bsf:v filter_units=remove_types=9 \
		-f h264 "$dir/part.264"
	cat "$dir/part.264" >>"$dir/clip.264"
}

frames=36 format=yuv420p filter=
# Pattern that the test's "exact:" line must match: the clip has the feature under test.
want=
mkdir -p "$dir"
: >"$dir/clip.264"
case $kind in
pyramid)	# CABAC, 8x8 transform, weighted prediction of both kinds
	filter=,fade=in:0:20
	part 176x144 keyint=12:bframes=3:b-pyramid=normal:b-adapt=0:weightp=2:weightb=1:ref=3
	want=' [1-9][0-9]* b,' ;;
cavlc)		# several slices
	part 176x144 keyint=12:cabac=0:8x8dct=0:slices=4:bframes=1:direct=temporal
	want=' 4 slices' ;;
cqm)
	part 176x144 keyint=12:8x8dct=1:bframes=1:cqm4i=6,12,19,26,12,19,26,31,19,26,31,35,26,31,35,255:cqm8p=$(
		seq -s, 1 4 253)
	;;
jvt)
	part 176x144 keyint=12:8x8dct=1:cqm=jvt ;;
mbaff)
	part 176x160 keyint=12:interlaced=1:bframes=2:weightp=0:ref=4 ;;
refresh)	# one IDR picture, then columns of intra macroblocks
	part 176x144 keyint=12:intra-refresh=1:bframes=0:ref=2
	want=' 1 idr,' ;;
refreshb)	# ditto with B pictures: the next refresh starts before the last one has ended
	frames=60
	part 176x144 keyint=12:intra-refresh=1:bframes=2
	want=' 1 idr, [1-9][0-9]* b,' ;;
opengop)
	part 176x144 keyint=9:min-keyint=9:open-gop=1:bframes=3:b-adapt=0:b-pyramid=normal:ref=3
	want=' 1 idr, [1-9][0-9]* b,' ;;
refs)
	part 176x144 keyint=30:ref=16:bframes=4:b-pyramid=normal:b-adapt=0
	want=' 16 refs' ;;
change)		# the size and the profile change, each with an IDR picture
	frames=12
	part 176x144 keyint=6:ref=2
	part 208x112 keyint=6:cabac=0:8x8dct=0:bframes=0
	part 176x144 keyint=6:ref=2:bframes=2
	want=' 2 sps changes' ;;
crop)
	frames=10
	part 638x362 keyint=5 ;;
tenbit)
	format=yuv420p10le
	part 178x100 keyint=12:bframes=2:b-adapt=0
	;;
lossless)	# High 4:4:4 Predictive with 4:2:0: the transform bypass
	frames=8
	part 96x80 keyint=4:qp=0 ;;
*)
	echo "unknown kind of clip: $kind"
	exit 1 ;;
esac
ffmpeg -v error -y -i "$dir/clip.264" -noautoscale -fps_mode passthrough -pix_fmt "$format" \
	-f rawvideo "$dir/reference.yuv"

status=0
"$program" "$dir/clip.264" "$dir/reference.yuv" >"$dir/log" 2>&1 || status=$?
cat "$dir/log"
"$params" "$dir/clip.264" || status=$?
if ! grep -q "^exact:.*$want" "$dir/log"; then
	echo "the clip does not have what it is for: $want"
	status=1
fi
rm -f "$dir/part.264" "$dir/reference.yuv"
exit "$status"
