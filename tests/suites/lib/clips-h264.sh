#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the H.264 clips of the suites with x264, and the reference MD5s of each with
# FFmpeg's own decoder. usage: clips-h264.sh DIR
#
#   DIR/NAME.264        byte stream with parameter sets before each IDR picture
#   DIR/NAME.mp4        the same as "avc": parameter sets in the header only
#   DIR/NAME.avc3.mp4   the same as "avc3": parameter sets in the stream only
#   DIR/NAME.mkv        for some, see below
#   DIR/NAME.md5        MD5 of each frame that is shown: planar samples without
#                       padding, 16 bits little-endian where there are 10
#   DIR/NAME.captions   for the clip "captions", the cc_data of each frame in hex
#   DIR/NAME.features   what is in it, see features() below
set -euo pipefail

dir=$1
here=$(dirname "$(readlink -f "$0")")

# Lists in which a wrong scan order changes values.
cqm4=6,12,19,26,12,19,26,31,19,26,31,35,26,31,35,255
cqm8=$(seq -s, 1 4 253)

# name     size    frames format       what x264 is told; a filter after @
clips="
pyramid    352x288 48     yuv420p      keyint=12:ref=4:bframes=3:b-pyramid=normal:b-adapt=0:weightp=0:weightb=0
weights    176x144 36     yuv420p      keyint=36:ref=3:bframes=2:b-adapt=0:weightp=2:weightb=1@fade=in:0:30
cavlc      176x144 36     yuv420p      keyint=12:cabac=0:8x8dct=0:slices=4:bframes=1:direct=temporal
baseline   176x144 36     yuv420p      keyint=12:cabac=0:8x8dct=0:bframes=0:weightp=0:ref=2
temporal   176x144 36     yuv420p      keyint=36:bframes=4:b-adapt=0:b-pyramid=strict:direct=temporal:8x8dct=1
cqm        176x144 24     yuv420p      keyint=12:8x8dct=1:bframes=1:cqm4i=$cqm4:cqm8p=$cqm8
jvt        176x144 24     yuv420p      keyint=12:8x8dct=1:cqm=jvt
mbafftff   176x160 36     yuv420p      keyint=12:tff=1:bframes=2:b-pyramid=normal:b-adapt=0:weightp=0:ref=4
mbaffbff   176x160 24     yuv420p      keyint=12:bff=1:cabac=0:bframes=2:b-adapt=0:weightp=0:ref=3
refresh    176x144 48     yuv420p      keyint=12:intra-refresh=1:bframes=0:ref=2
refreshb   176x144 72     yuv420p      keyint=12:intra-refresh=1:bframes=2
opengop    176x144 54     yuv420p      keyint=9:min-keyint=9:open-gop=1:bframes=3:b-adapt=0:b-pyramid=normal:ref=3
refs16     176x144 48     yuv420p      keyint=48:ref=16:bframes=4:b-pyramid=normal:b-adapt=0
crop       638x362 10     yuv420p      keyint=5:bframes=1
tenbit     178x100 36     yuv420p10le  keyint=12:bframes=3:b-adapt=0:b-pyramid=normal
tenbitlace 176x160 24     yuv420p10le  keyint=12:tff=1:bframes=2:b-adapt=0:weightp=0
intra      178x100 8      yuv420p10le  keyint=1
tiny       16x16   12     yuv420p      keyint=6:bframes=1
longgop    320x180 60     yuv420p      keyint=20:min-keyint=20:ref=3:bframes=2:b-adapt=0:b-pyramid=normal
onekey     176x144 96     yuv420p      keyint=48:min-keyint=48:ref=4:bframes=2:b-adapt=0:b-pyramid=normal
hdr        176x144 12     yuv420p10le  keyint=6:bframes=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=tv:mastering-display=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,50):cll=1000,400@setsar=4/3
mono       176x144 12     gray         keyint=6:bframes=1
captions   176x144 24     yuv420p      keyint=12:bframes=2:b-adapt=0:b-pyramid=none
grain      176x144 24     yuv420p      keyint=12:bframes=2:b-adapt=0
longlists  176x144 36     yuv420p      keyint=6:min-keyint=6:ref=4:bframes=0:weightp=0
filtered   176x144 24     yuv420p      keyint=12:bframes=1:b-adapt=0:weightp=0:ref=2:slices=4:qp=24
unfiltered 176x144 24     yuv420p      keyint=12:bframes=1:b-adapt=0:weightp=0:ref=2:slices=4:qp=24:no-deblock=1
first      176x144 12     yuv420p      keyint=6:ref=2:bframes=0
second     208x112 12     yuv420p      keyint=6:ref=2:bframes=0:cabac=0:8x8dct=0
third      176x144 12     yuv420p      keyint=6:ref=5:bframes=2:b-adapt=0
fourth     176x144 12     yuv420p      keyint=6:ref=1:bframes=0:slices=3
i422       176x144 8      yuv422p      keyint=4
i422ten    176x144 8      yuv422p10le  keyint=4
i444       176x144 8      yuv444p      keyint=4
i444ten    176x144 8      yuv444p10le  keyint=4
"

# encode NAME SIZE FRAMES FORMAT OPTIONS[@FILTER]: moving content with noise,
# from a generator that gives the same frames on every machine.
encode() {
	local options=${5%%@*} filter=''
	[ "$options" = "$5" ] || filter=,${5#*@}
	ffmpeg -v error -y -f lavfi -i "testsrc2=size=384x256:rate=25,scale=${2%x*}:${2#*x}$(
		)$filter,noise=alls=12:allf=t:all_seed=1" \
		-frames:v "$3" -pix_fmt "$4" -c:v libx264 -preset faster -threads 1 \
		-x264-params "log=-1:scenecut=0:$options" "$dir/$1.mp4" </dev/null
}

# annexb IN OUT ARGS...: parameter sets into the stream.
annexb() { ffmpeg -v error -y -i "$1" -c copy -bsf:v h264_mp4toannexb "${@:3}" "$2" </dev/null; }

# frame_md5s CLIP FORMAT: FFmpeg's decoder, without scaling. It shows monochrome as
# 4:2:0, of the full range that x264 gives it.
frame_md5s() {
	ffmpeg -v error -i "$1" -noautoscale -fps_mode passthrough -pix_fmt "${2/gray/yuvj420p}" -c:v rawvideo \
		-f framemd5 - </dev/null | sed -nE 's/^0,.*, *([0-9a-f]{32})$/\1/p'
}

# features CLIP: counts of what its headers say, by FFmpeg's header tracer:
# "idr 4", "b 30" (slices), "sps 4", "sizes 1" (different ones), ...
features() {
	ffmpeg -v info -i "$1" -c copy -bsf:v trace_headers -f null - 2>&1 </dev/null |
		awk '
		$1 == "[trace_headers" { sub(/^\[trace_headers[^]]*\] */, "") }
		function most(what, number) { if (number > value[what]) value[what] = number }
		/^Sequence Parameter Set/ { value["sps"]++ }
		/^Recovery Point/ { value["recovery"]++ }
		/^Film Grain/ { value["grain"]++ }
		$2 == "nal_unit_type" { type = $NF }
		$2 == "nal_ref_idc" { ref = $NF }
		$2 == "first_mb_in_slice" { value[$NF ? "more_slices" : "pictures"]++; first = !$NF }
		$2 == "slice_type" {
			value["idr"] += first && type == 5
			value["b"] += $NF % 5 == 1; value["p"] += $NF % 5 == 0; value["i"] += $NF % 5 == 2
			value["b_ref"] += ref && $NF % 5 == 1
		}
		$2 == "max_num_ref_frames" { most("refs", $NF); seen_refs[$NF] = 1 }
		$2 == "pic_width_in_mbs_minus1" { width = $NF }
		$2 == "pic_height_in_map_units_minus1" && !sizes[width "x" $NF]++ { value["sizes"]++ }
		$2 == "frame_cropping_flag" { most("crop", $NF) }
		$2 == "bit_depth_luma_minus8" { most("depth", $NF + 8) }
		$2 == "chroma_format_idc" { value["chroma"] = $NF }
		$2 == "entropy_coding_mode_flag" { value[$NF ? "cabac" : "cavlc"]++ }
		$2 == "transform_8x8_mode_flag" { value["transform8x8"] += $NF }
		$2 ~ /^(seq|pic)_scaling_matrix_present_flag$/ { value["matrices"] += $NF }
		$2 ~ /^luma_weight_l[01]_flag/ { value["weights"] += $NF }
		$2 == "profile_idc" { most("profile", $NF) }
		$2 == "constraint_set3_flag" { value["constraint3"] += $NF }
		$2 == "weighted_pred_flag" { value["weighted_p"] += $NF }
		$2 == "weighted_bipred_idc" { most("weighted_b", $NF) }
		$2 == "mb_adaptive_frame_field_flag" { value["mbaff"] += $NF }
		$2 == "disable_deblocking_filter_idc" { value["unfiltered"] += $NF == 1 }
		$2 == "direct_spatial_mv_pred_flag" { value[$NF ? "spatial" : "temporal"]++ }
		END {
			n = split("pictures idr i p b b_ref more_slices sps refs sizes crop depth chroma cabac cavlc " \
				"transform8x8 matrices weighted_p weighted_b mbaff spatial temporal recovery weights profile constraint3 " \
				"grain unfiltered", names)
			for (i = 1; i <= n; i++) print names[i], value[names[i]] + 0
			for (r in seen_refs) different++
			print "different_refs", different + 0
		}'
}

# finish NAME FORMAT: makes the other files of the clip NAME.264.
finish() {
	frame_md5s "$dir/$1.264" "$2" >"$dir/$1.md5"
	features "$dir/$1.264" >"$dir/$1.features"
}

mkdir -p "$dir"
while read -r name size frames format options; do
	[ -n "$name" ] || continue
	encode "$name" "$size" "$frames" "$format" "$options"
	annexb "$dir/$name.mp4" "$dir/$name.264" -f h264
	annexb "$dir/$name.mp4" "$dir/$name.avc3.mp4" -tag:v avc3
	finish "$name" "$format"
done <<<"$clips"

# Other parameter sets in mid-stream: size, entropy coding, number of references.
parts=(first second third fourth first)
for part in "${parts[@]}"; do
	cat "$dir/$part.264"
done >"$dir/change.264"
for part in "${parts[@]}"; do
	echo "file '$dir/$part.mp4'"
done >"$dir/change.list"
ffmpeg -v error -y -f concat -safe 0 -i "$dir/change.list" -c copy -bsf:v h264_mp4toannexb \
	-tag:v avc3 "$dir/change.avc3.mp4" </dev/null
finish change yuv420p
rm "$dir"/{first,second,third,fourth}.* "$dir/change.list"

# CEA-708 captions in SEI messages, to be shown with their pictures.
"$here/h264.py" captions "$dir/captions.mp4" "$dir/captions.264" "$dir/captions.captions"
rm "$dir/captions.mp4" "$dir/captions.avc3.mp4"
finish captions yuv420p

# Streams that x264 does not write: see h264.py. The first two changes change no sample.
"$here/h264.py" grain "$dir/grain.264"
"$here/h264.py" long-lists "$dir/longlists.264"
for name in grain longlists; do
	features "$dir/$name.264" >"$dir/$name.features"
done
"$here/h264.py" mix "$dir/filtered.264" "$dir/unfiltered.264" "$dir/mixed.264"
finish mixed yuv420p
rm "$dir"/{filtered,unfiltered}.* "$dir"/{grain,longlists}{,.avc3}.mp4

for name in pyramid tenbit longgop onekey opengop mbafftff i422 i444; do
	ffmpeg -v error -y -i "$dir/$name.mp4" -c copy "$dir/$name.mkv" </dev/null
done
