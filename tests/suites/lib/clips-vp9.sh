#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the VP9 clips of the suites with libvpx, and the reference MD5s of each with
# libvpx's decoder. usage: clips-vp9.sh DIR
#
#   DIR/NAME.ivf        the clip; some are there as .webm, too, for seeking
#   DIR/NAME.md5        MD5 of each frame that is shown: planar samples without
#                       padding, 16 bits little-endian where there are 10
#   DIR/NAME.features   what is in it, see features() below
#   DIR/layers          clips whose superframes show two frames and more
set -euo pipefail

dir=$1
here=$(dirname "$(readlink -f "$0")")

# name       size      frames format       what the encoder is told
clips='
hidden       352x288   48     yuv420p      --good --passes=2 --cpu-used=4 --auto-alt-ref=1 --lag-in-frames=16 --kf-max-dist=12 --target-bitrate=400
existing     160x96    60     yuv420p      --good --passes=2 --cpu-used=4 --auto-alt-ref=6 --lag-in-frames=25 --kf-max-dist=30 --target-bitrate=150
size1x1      1x1       8      yuv420p      --good --cpu-used=4 --kf-max-dist=4
size2x2      2x2       8      yuv420p      --good --cpu-used=4 --kf-max-dist=4
size1x64     1x64      8      yuv420p      --good --cpu-used=4 --kf-max-dist=4
size64x1     64x1      8      yuv420p      --good --cpu-used=4 --kf-max-dist=4
size35x67    35x67     16     yuv420p      --good --cpu-used=4 --kf-max-dist=8
size131x77   131x77    16     yuv420p      --good --cpu-used=4 --kf-max-dist=8 --auto-alt-ref=1 --lag-in-frames=8
tilecols     1024x128  8      yuv420p      --rt --cpu-used=8 --tile-columns=2
tilerows     512x512   8      yuv420p      --rt --cpu-used=8 --tile-columns=1 --tile-rows=2
resize       480x270   150    yuv420p      --rt --cpu-used=8 --resize-allowed=1 --end-usage=cbr --lag-in-frames=0 --target-bitrate=40 --min-q=2 --max-q=50 --undershoot-pct=50 --overshoot-pct=50 --buf-sz=200 --buf-initial-sz=100 --buf-optimal-sz=150 --kf-max-dist=100
tenbit       178x100   36     yuv420p10le  --good --passes=2 --cpu-used=4 --profile=2 --bit-depth=10 --input-bit-depth=10 --auto-alt-ref=1 --lag-in-frames=16 --kf-max-dist=12
tenbitodd    33x17     12     yuv420p10le  --good --cpu-used=4 --profile=2 --bit-depth=10 --input-bit-depth=10 --kf-max-dist=6
onekey       176x144   96     yuv420p      --good --cpu-used=5 --kf-max-dist=48 --kf-min-dist=48 --target-bitrate=200
lossless     96x64     8      yuv420p      --good --cpu-used=4 --lossless=1
parallel     320x180   16     yuv420p      --rt --cpu-used=8 --frame-parallel=1
resilient    320x180   16     yuv420p      --rt --cpu-used=8 --error-resilient=1
segments     320x180   16     yuv420p      --rt --cpu-used=8 --aq-mode=3 --end-usage=cbr --target-bitrate=100
profile1     160x90    8      yuv444p      --rt --cpu-used=8 --profile=1
twelvebit    160x90    8      yuv420p12le  --rt --cpu-used=8 --profile=2 --bit-depth=12 --input-bit-depth=12
'

# source SIZE FRAMES FORMAT: moving content with noise, from a generator that
# gives the same frames on every machine.
source_video() {
	ffmpeg -v error -f lavfi \
		-i "testsrc2=size=384x256:rate=25,scale=${1%x*}:${1#*x},noise=alls=12:allf=t:all_seed=1" \
		-frames:v "$2" -pix_fmt "$3" -strict -1 -f yuv4mpegpipe - </dev/null
}

# frame_md5s CLIP: libvpx's own decoder, without scaling.
frame_md5s() {
	(
		cd "$(mktemp -d)"
		vpxdec --codec=vp9 --rawvideo --md5 -o 'frame-%6' "$1" | sed -E 's/^([0-9a-f]{32}) .*/\1/'
	)
}

# features CLIP: counts of what the headers of its frames say, by FFmpeg's
# header tracer: "hidden 3", "shown 45", "existing 0" (show_existing_frame), "key 4",
# "sizes 1" (different ones), "inter_sizes 0" (coded on inter frames), ...
features() {
	ffmpeg -v info -i "$1" -c copy -bsf:v vp9_superframe_split,trace_headers -f null - 2>&1 </dev/null |
		awk '
		$1 == "[trace_headers" { sub(/^\[trace_headers[^]]*\] */, "") }
		$2 == "show_existing_frame" { frames++; existing += $NF; inter = 0 }
		$2 == "frame_type" { inter = $NF; key += !$NF }
		$2 == "show_frame" { hidden += !$NF }
		$2 == "error_resilient_mode" { resilient += $NF }
		$2 == "frame_parallel_decoding_mode" { parallel += $NF }
		$2 == "intra_only" { intra_only += $NF }
		$2 == "segmentation_enabled" { segments += $NF }
		$2 == "base_q_idx" { lossless += !$NF }
		$2 == "tile_cols_log2" { cols += $NF }
		$2 == "tile_rows_log2" { rows += $NF }
		$2 == "frame_width_minus_1" { width = $NF; inter_sizes += inter }
		$2 == "frame_height_minus_1" { if (!seen[width "x" $NF]++) sizes++ }
		END {
			value["shown"] = frames - hidden
			n = split("frames existing key hidden shown resilient parallel intra_only segments " \
				"lossless cols rows sizes inter_sizes", names)
			value["frames"] = frames; value["existing"] = existing; value["key"] = key
			value["hidden"] = hidden; value["resilient"] = resilient
			value["parallel"] = parallel; value["intra_only"] = intra_only
			value["segments"] = segments; value["lossless"] = lossless
			value["cols"] = cols; value["rows"] = rows; value["sizes"] = sizes
			value["inter_sizes"] = inter_sizes
			for (i = 1; i <= n; i++) print names[i], value[names[i]] + 0
		}'
}

# finish NAME: makes the other files of the clip NAME.ivf.
finish() {
	frame_md5s "$dir/$1.ivf" >"$dir/$1.md5"
	features "$dir/$1.ivf" >"$dir/$1.features"
	echo "output $(wc -l <"$dir/$1.md5")" >>"$dir/$1.features"
}

mkdir -p "$dir"
while read -r name size frames format encoder; do
	[ -n "$name" ] || continue
	source_video "$size" "$frames" "$format" >"$dir/$name.y4m"
	# shellcheck disable=SC2086  # the options are words
	vpxenc --quiet --codec=vp9 --threads=1 --disable-warning-prompt --frame-parallel=0 $encoder --ivf -o "$dir/$name.ivf" "$dir/$name.y4m" </dev/null
	rm "$dir/$name.y4m"
	finish "$name"
done <<<"$clips"

# Key frames of other sizes, down to one sample and back, and other bit depths.
"$here/ivf.py" concat "$dir/keysizes.ivf" "$dir"/{size131x77,size1x1,size35x67,parallel,size1x64,size131x77}.ivf
finish keysizes
"$here/ivf.py" concat "$dir/depths.ivf" "$dir"/{parallel,tenbit,size35x67,tenbitodd}.ivf
finish depths

# Superframes that show two frames and more: with spatial layers, the last one counts.
mkdir "$dir/layers"
for layers in 2 3; do
	"$DAEDALUS_BUILD/user/tests/e2e/vp9-layers" $layers 40 "$dir/layers/spatial$layers.ivf"
	finish layers/spatial$layers
done
for name in hidden existing resize keysizes tenbit; do
	"$here/vp9.py" pair "$dir/$name.ivf" "$dir/layers/$name.ivf"
	finish "layers/$name"
done

for name in hidden tenbit resize profile1 onekey; do
	ffmpeg -v error -y -i "$dir/$name.ivf" -c copy "$dir/$name.webm" </dev/null
done
