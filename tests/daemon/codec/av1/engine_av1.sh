#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes an AV1 clip and runs the tests of the engine and of the headers on it.
#
#   engine_av1.sh TEST_PROGRAM KIND WORK_DIR HEADERS_TEST_PROGRAM
#
# Exit status: of the tests; 77 if a tool that makes clips is missing.
set -eu

program=$1
kind=$2
headers=$4
dir=$3/clip-av1-$kind

for tool in ffmpeg aomenc aomdec; do
	if ! command -v "$tool" >/dev/null; then
		echo "$tool is not installed: no clip to decode"
		exit 77
	fi
done

size=176x144 frames=30 format=yuv420p decoder=aomdec output=--rawvideo source='' filter=
aom="--good --cpu-used=6 --threads=2 --kf-max-dist=12 --target-bitrate=150"
svt=
# Pattern that the test's "exact:" line must match: the clip has the feature under test.
want=
case $kind in
hidden)		# alt-ref frames, shown later
	aom="$aom --lag-in-frames=25 --auto-alt-ref=1"
	want=' [1-9][0-9]* hidden, [1-9][0-9]* shown again' ;;
fwdkey)		# key frames that are shown later, as the encoder makes them
	frames=60
	# The encoder does not mark all of them as showable, and aomdec refuses that.
	decoder=ffmpeg
	aom="--good --cpu-used=6 --threads=2 --passes=2 --lag-in-frames=19 --auto-alt-ref=1
		--enable-fwd-kf=1 --fwd-kf-dist=16"
	want=' [1-9][0-9]* keys shown again' ;;
tenbit)
	size=178x100 format=yuv420p10le
	aom="$aom --lag-in-frames=12 --bit-depth=10 --input-bit-depth=10" ;;
grain)
	size=352x288 frames=16
	aom="$aom --lag-in-frames=12 --film-grain-test=4"
	want=' [1-9][0-9]* grain' ;;
grain10)	# chroma scaled from luma, 10 bits
	size=178x146 frames=16 format=yuv420p10le
	aom="$aom --lag-in-frames=12 --film-grain-test=14 --bit-depth=10 --input-bit-depth=10"
	want=' [1-9][0-9]* grain' ;;
superres)
	size=322x180
	aom="$aom --lag-in-frames=0 --superres-mode=2"
	want=' [1-9][0-9]* superres' ;;
resize)		# inter frames of other sizes
	size=320x180 frames=40
	aom="$aom --lag-in-frames=0 --resize-mode=2 --kf-max-dist=15"
	want=' [1-9][0-9]* sizes' ;;
tiles)		# in several tile group OBUs
	size=1024x576 frames=8
	aom="$aom --lag-in-frames=0 --tile-columns=2 --tile-rows=1 --num-tile-groups=3
		--kf-max-dist=4"
	want=' 8 tiles' ;;
resilient)
	aom="$aom --lag-in-frames=0 --error-resilient=1"
	want=' [1-9][0-9]* resilient' ;;
lowdelay)
	aom="--rt --cpu-used=8 --lag-in-frames=0 --kf-max-dist=12 --target-bitrate=100 --aq-mode=3"
	want=' [1-9][0-9]* segments' ;;
screen)		# intra block copy
	frames=12
	source=cellauto=size=$size:rule=110:scroll=0
	aom="--good --cpu-used=2 --lag-in-frames=0 --tune-content=screen --kf-max-dist=6"
	want=' [1-9][0-9]* intrabc' ;;
lossless)
	size=98x66 frames=8
	aom="$aom --lag-in-frames=0 --lossless=1 --kf-max-dist=4" ;;
qmatrix)	# and quantizer deltas in blocks
	aom="$aom --lag-in-frames=12 --enable-qm=1 --deltaq-mode=1" ;;
motion)		# global motion
	filter=",rotate=a='t/2':ow=176:oh=144,zoompan=z='1+in/60':d=1:s=176x144"
	aom="$aom --lag-in-frames=12 --cpu-used=2"
	want=' [1-9][0-9]* motion' ;;
mono)
	output=--i420
	aom="$aom --lag-in-frames=12 --monochrome" ;;
tiny)		# the smallest that encoders take
	size=16x16 frames=12
	aom="$aom --lag-in-frames=0 --kf-max-dist=6" ;;
svt)
	frames=48
	svt="preset=8:keyint=16:lookahead=16:film-grain=0"
	want=' [1-9][0-9]* hidden' ;;
svtgrain)
	frames=32 format=yuv420p10le
	svt="preset=8:keyint=16:film-grain=20:film-grain-denoise=0"
	want=' [1-9][0-9]* grain' ;;
*)
	echo "unknown kind of clip: $kind"
	exit 1 ;;
esac

mkdir -p "$dir"
source=${source:-testsrc2=size=256x256:rate=25,scale=${size%x*}:${size#*x}$filter}
ffmpeg -v error -y -f lavfi -i "$source" \
	-frames:v "$frames" -pix_fmt "$format" -strict -1 -f yuv4mpegpipe "$dir/source.y4m"
if [ -n "$svt" ]; then
	ffmpeg -v error -y -i "$dir/source.y4m" -c:v libsvtav1 -svtav1-params "$svt" -f ivf \
		"$dir/clip.ivf" 2>"$dir/encoder.log" || { cat "$dir/encoder.log"; exit 1; }
else
	# shellcheck disable=SC2086 # the options are words
	aomenc --quiet $aom --ivf -o "$dir/clip.ivf" "$dir/source.y4m"
fi
# decode CLIP OUTPUT: with an independent decoder.
decode() {
	if [ "$decoder" = aomdec ]; then
		aomdec $output -o "$2" "$1" >/dev/null
	else
		ffmpeg -v error -y -i "$1" -noautoscale -fps_mode passthrough -f rawvideo "$2"
	fi
}
decode "$dir/clip.ivf" "$dir/reference.yuv"

status=0
"$program" "$dir/clip.ivf" "$dir/reference.yuv" >"$dir/log" 2>&1 || status=$?
grep -v '^[0-9]* ns: status' "$dir/log" || true
if ! grep -q "^exact:.*$want" "$dir/log"; then
	echo "the clip does not have what it is for: $want"
	status=1
fi
# The rewritten clip must be the same for GStreamer's parser and for the decoder.
"$headers" "$dir/clip.ivf" "$dir/rewritten.obu" || status=$?
decode "$dir/rewritten.obu" "$dir/rewritten.yuv" || status=$?
if ! cmp "$dir/reference.yuv" "$dir/rewritten.yuv"; then
	echo "the rewritten clip decodes to something else"
	status=1
fi
rm -f "$dir/source.y4m" "$dir"/re*.yuv
exit "$status"
