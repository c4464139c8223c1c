#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the AV1 clips of the suites with libaom and SVT-AV1, and the reference MD5s of
# each with dav1d in FFmpeg. usage: clips-av1.sh DIR
#
#   DIR/NAME.ivf        the clip
#   DIR/NAME.obu        the same as OBUs with sizes (low overhead format, Section 5)
#   DIR/NAME.annexb.ivf for some: units in the length-delimited format, Annex B
#   DIR/NAME.mp4, .mkv  for some, to seek in
#   DIR/NAME.md5        MD5 of each frame that is shown: planar samples without
#                       padding, 16 bits little-endian where there are 10
#   DIR/NAME.features   what is in it, see features() below
set -euo pipefail

dir=$1
here=$(dirname "$(readlink -f "$0")")
good="--good --passes=1 --cpu-used=6 --target-bitrate=200"
live="--rt --cpu-used=9 --lag-in-frames=0 --target-bitrate=200"
ten="--bit-depth=10 --input-bit-depth=10"

# name       size     frames format       options of aomenc, or svt: and those of SVT-AV1
clips="
hidden       352x288  48     yuv420p      $good --lag-in-frames=19 --kf-max-dist=16
fwdkey       176x144  60     yuv420p      --good --passes=2 --cpu-used=6 --target-bitrate=150 --lag-in-frames=19 --enable-fwd-kf=1 --fwd-kf-dist=16
svt          320x180  60     yuv420p      svt:preset=10:keyint=20:lookahead=16
svtten       178x100  40     yuv420p10le  svt:preset=10:keyint=16:lookahead=16:film-grain=15:film-grain-denoise=0
svtlow       176x144  36     yuv420p      svt:preset=10:keyint=12:pred-struct=1
grain        176x144  24     yuv420p      $good --lag-in-frames=12 --kf-max-dist=8 --film-grain-test=4
grainten     178x146  16     yuv420p10le  $good --lag-in-frames=12 --film-grain-test=14 $ten
tenbit       178x100  36     yuv420p10le  $good --lag-in-frames=12 --kf-max-dist=12 $ten
superres     322x180  24     yuv420p      $good --lag-in-frames=0 --kf-max-dist=12 --superres-mode=2
resize       320x180  40     yuv420p      $good --lag-in-frames=0 --kf-max-dist=15 --resize-mode=2
tiles        640x320  10     yuv420p      $live --kf-max-dist=5 --tile-columns=2 --tile-rows=1 --num-tile-groups=3
resilient    176x144  24     yuv420p      $live --kf-max-dist=12 --error-resilient=1
lowdelay     176x144  48     yuv420p      $live --kf-max-dist=12 --aq-mode=3 --end-usage=cbr
screen       176x144  12     yuv420p      --good --passes=1 --cpu-used=2 --lag-in-frames=0 --tune-content=screen --kf-max-dist=6@cells
odd          35x67    16     yuv420p      $good --lag-in-frames=8 --kf-max-dist=8
tiny         16x16    12     yuv420p      $live --kf-max-dist=6
lossless     98x66    8      yuv420p      $good --lag-in-frames=0 --lossless=1 --kf-max-dist=4
mono         176x144  16     gray         $good --lag-in-frames=8 --kf-max-dist=8 --monochrome
onekey       176x144  96     yuv420p      $good --lag-in-frames=19 --kf-max-dist=48 --kf-min-dist=48
plain        128x96   36     yuv420p      $live --kf-max-dist=12
i444         160x90   8      yuv444p      $live --profile=1
i422         160x90   8      yuv422p      $live --profile=2
twelvebit    160x90   8      yuv420p12le  $live --profile=2 --bit-depth=12 --input-bit-depth=12
"

# source_video SIZE FRAMES FORMAT [cells]: moving content with noise, or sharp edges,
# from a generator that gives the same frames on every machine.
source_video() {
	local source="testsrc2=size=384x256:rate=25,scale=${1%x*}:${1#*x},noise=alls=12:allf=t:all_seed=1"
	[ "${4:-}" != cells ] || source=cellauto=size=$1:rule=110:scroll=0:rate=25:seed=1
	ffmpeg -v error -f lavfi -i "$source" -frames:v "$2" -pix_fmt "${3/gray/yuv420p}" -strict -1 \
		-f yuv4mpegpipe - </dev/null
}

# encode NAME FORMAT OPTIONS: DIR/NAME.y4m to DIR/NAME.ivf.
encode() {
	if [[ $3 == svt:* ]]; then
		SVT_LOG=1 ffmpeg -v error -y -i "$dir/$1.y4m" -c:v libsvtav1 -svtav1-params "${3#svt:}" \
			-f ivf "$dir/$1.ivf" </dev/null
	else
		# shellcheck disable=SC2086  # the options are words
		aomenc --quiet --threads=1 --disable-warning-prompt $3 --ivf -o "$dir/$1.ivf" "$dir/$1.y4m" </dev/null
	fi
}

# frame_md5s CLIP FORMAT: dav1d, without scaling. FFmpeg calls monochrome of full range.
frame_md5s() {
	ffmpeg -v error -c:v libdav1d -i "$1" -noautoscale -fps_mode passthrough \
		-pix_fmt "${2/gray/yuvj420p}" -c:v rawvideo -f framemd5 - </dev/null |
		sed -nE 's/^0,.*, *([0-9a-f]{32})$/\1/p'
}

# features CLIP: counts of what its headers say, by FFmpeg's header tracer: "key 4",
# "hidden 12", "existing 10" (show_existing_frame), "existing_key 2", ...
features() {
	ffmpeg -v info -i "$1" -c copy -bsf:v trace_headers -f null - 2>&1 </dev/null |
		awk '
		$1 == "[trace_headers" { sub(/^\[trace_headers[^]]*\] */, "") }
		function most(what, number) { if (number > value[what]) value[what] = number }
		$2 == "obu_type" { value["tile_groups"] += $NF == 4; value["headers"] += $NF == 3 }
		$2 == "show_existing_frame" { value["frames"]++; value["existing"] += $NF; existing = $NF }
		$2 == "frame_to_show_map_idx" && is_key[$NF] { value["existing_key"]++ }
		$2 == "frame_type" { type = $NF; value["key"] += !type }
		$2 == "show_frame" { value["hidden"] += !$NF; hidden_key = !type && !$NF; value["hidden_key"] += hidden_key }
		$2 == "error_resilient_mode" { value["resilient"] += $NF }
		$2 == "refresh_frame_flags" {
			for (i = 0; i < 8; i++) if (int($NF / 2 ^ i) % 2) is_key[i] = hidden_key
		}
		$2 == "use_superres" { value["superres"] += $NF }
		$2 == "apply_grain" { value["grain"] += $NF }
		$2 == "allow_intrabc" { value["intrabc"] += $NF }
		$2 == "segmentation_enabled" { value["segments"] += $NF }
		$2 == "tile_start_and_end_present_flag" { value["tile_ranges"] += $NF }
		$2 == "base_q_idx" { value["lossless"] += !$NF }
		$2 == "frame_size_override_flag" { value["override"] += $NF }
		$2 == "high_bitdepth" { most("high", $NF) }
		$2 == "mono_chrome" { most("mono", $NF) }
		$2 == "context_update_tile_id" { most("tiled", 1) }
		$2 == "frame_width_minus_1" { width = $NF }
		$2 == "max_frame_width_minus_1" { width = $NF }
		$2 ~ /^(max_)?frame_height_minus_1$/ && !sizes[width "x" $NF]++ { value["sizes"]++ }
		END {
			n = split("frames key hidden hidden_key existing existing_key resilient superres grain " \
				"intrabc segments headers tile_groups tile_ranges tiled lossless override high mono sizes", names)
			for (i = 1; i <= n; i++) print names[i], value[names[i]] + 0
		}'
}

# finish NAME FORMAT: makes the other files of the clip NAME.ivf.
finish() {
	frame_md5s "$dir/$1.ivf" "$2" >"$dir/$1.md5"
	features "$dir/$1.ivf" >"$dir/$1.features"
	ffmpeg -v error -y -i "$dir/$1.ivf" -c copy -f obu "$dir/$1.obu" </dev/null
}

# make NAME SIZE FRAMES FORMAT OPTIONS[@SOURCE]
make() {
	local content=''
	[[ $5 != *@* ]] || content=${5#*@}
	source_video "$2" "$3" "$4" "$content" >"$dir/$1.y4m"
	encode "$1" "$4" "${5%@*}"
	rm "$dir/$1.y4m"
	finish "$1" "$4"
}

mkdir -p "$dir"
while read -r name size frames format options; do
	[ -z "$name" ] || make "$name" "$size" "$frames" "$format" "$options"
done <<<"$clips"

# Key frames of other sizes and bit depths.
"$here/ivf.py" concat "$dir/change.ivf" "$dir"/{lowdelay,odd,tiles,tiny,lossless,lowdelay}.ivf
finish change yuv420p
"$here/ivf.py" concat "$dir/depths.ivf" "$dir"/{lowdelay,tenbit,odd}.ivf
finish depths yuv420p
# Each with its own format.
cat "$dir"/{lowdelay,tenbit,odd}.md5 >"$dir/depths.md5"
# A key frame that waits in one slot, while frames of the sequence before are decoded.
"$here/av1.py" hide "$dir/plain.ivf" 1 7 3 "$dir/waiting.ivf"
finish waiting yuv420p

for name in hidden onekey svt svtten tenbit resize grain i444 twelvebit fwdkey waiting; do
	for container in mp4 mkv; do
		ffmpeg -v error -y -i "$dir/$name.ivf" -c copy "$dir/$name.$container" </dev/null
	done
done
for name in hidden grain tiles change; do
	"$here/av1.py" annexb "$dir/$name.ivf" "$dir/$name.annexb.ivf"
done
