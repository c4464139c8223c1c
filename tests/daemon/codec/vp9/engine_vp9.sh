#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes a VP9 clip and runs the engine's test on it.
#
#   engine_vp9.sh TEST_PROGRAM KIND WORK_DIR
#
# Exit status: of the test; 77 if a tool that makes clips is missing.
set -eu

program=$1
kind=$2
dir=$3/clip-$kind

for tool in ffmpeg vpxenc; do
	if ! command -v "$tool" >/dev/null; then
		echo "$tool is not installed: no clip to decode"
		exit 77
	fi
done

size=131x77 frames=60 format=yuv420p filter=
encoder="--good --cpu-used=4 --lag-in-frames=0 --target-bitrate=150 --kf-max-dist=30"
# Pattern that the test's "exact:" line must match: the clip has the feature under test.
want=
threads=2
case $kind in
hidden)		# alt-ref frames, shown later by show_existing_frame
	encoder="--good --cpu-used=4 --auto-alt-ref=6 --lag-in-frames=25
		--target-bitrate=150 --kf-max-dist=30"
	want=' [1-9][0-9]* hidden, [1-9][0-9]* repeated'
	;;
resize)		# an inter frame of another size, with scaled references
	size=480x270 frames=150 filter=,noise=alls=30:allf=t
	encoder="--rt --cpu-used=8 --resize-allowed=1 --end-usage=cbr --lag-in-frames=0
		--target-bitrate=40 --min-q=2 --max-q=50 --undershoot-pct=50
		--overshoot-pct=50 --buf-sz=200 --buf-initial-sz=100
		--buf-optimal-sz=150 --kf-max-dist=100"
	want=' [1-9][0-9]* sizes on inter frames'
	;;
tiles)		# large enough for several threads
	size=1024x576 frames=12
	encoder="--rt --cpu-used=8 --lag-in-frames=0 --tile-columns=2 --kf-max-dist=6"
	;;
tenbit)
	size=178x100 frames=24 format=yuv420p10le
	encoder="--rt --cpu-used=8 --lag-in-frames=0 --profile=2 --bit-depth=10
		--input-bit-depth=10 --kf-max-dist=12"
	;;
tiny)		# one sample
	size=1x1 frames=12
	encoder="--good --cpu-used=4 --lag-in-frames=0 --kf-max-dist=6"
	;;
*)
	echo "unknown kind of clip: $kind"
	exit 1
	;;
esac

mkdir -p "$dir"
ffmpeg -v error -y -f lavfi -i "testsrc2=size=256x256:rate=25,scale=${size%x*}:${size#*x}$filter" \
	-frames:v "$frames" -pix_fmt "$format" -strict -1 -f yuv4mpegpipe "$dir/source.y4m"
# shellcheck disable=SC2086 # the options are words
vpxenc --quiet --codec=vp9 --threads=2 $encoder --ivf -o "$dir/clip.ivf" "$dir/source.y4m"
ffmpeg -v error -y -i "$dir/clip.ivf" -noautoscale -f rawvideo "$dir/reference.yuv"

status=0
"$program" "$dir/clip.ivf" "$dir/reference.yuv" "$threads" >"$dir/log" 2>&1 || status=$?
cat "$dir/log"
if ! grep -q "^exact:.*$want" "$dir/log"; then
	echo "the clip does not have what it is for: $want"
	status=1
fi
rm -f "$dir/source.y4m" "$dir/reference.yuv"
exit "$status"
