#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whole pipelines around daedalush264dec and GStreamer's own stateless element, on
# clips made with x264; each frame must be the one that FFmpeg decodes.
# where: guest
# beside: yes
# lanes: uml
# timeout: 600
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/device.sh
. "$here/lib/device.sh"
# shellcheck source=tests/suites/lib/e2e.sh
. "$here/lib/e2e.sh"
# shellcheck source=tests/suites/lib/conformance.sh
. "$here/lib/conformance.sh"

element=${DAEDALUS_H264_ELEMENT:-daedalush264dec}
stream_format=video/x-h264,stream-format

need_clips h264
cd "$clips/h264" || exit 1
shopt -s extglob nullglob
raw=(!(i4*).264)
avc=(!(i4*|*.avc3).mp4)
avc3=(!(i4*).avc3.mp4)
mkv=(!(i4*).mkv)

# ours PREFIX PROGRAM ARGS...
ours() { e2e "$1" "$2" --decoder "$element" "${@:3}"; }

# Input: with and without a container and a parser.
ours "byte stream" e2e-decode "${raw[@]}"
ours "byte stream of NAL units" e2e-decode \
	--via "h264parse ! $stream_format=byte-stream,alignment=nal" "${raw[@]}"
ours "byte stream, not parsed" e2e-decode --via "$stream_format=byte-stream" "${raw[@]}"
ours "avc" e2e-decode --via "qtdemux ! h264parse ! $stream_format=avc,alignment=au" "${avc[@]}"
ours "avc3" e2e-decode --via "qtdemux ! h264parse ! $stream_format=avc3,alignment=au" "${avc3[@]}"
ours "MKV" e2e-decode "${mkv[@]}"

# Memory of the output, number of frames in flight, number of streams.
for output in dmabuf plain; do
	ours "$output memory" e2e-decode --output $output "${raw[@]}"
done
for n in 1 2 8 16; do
	e2e "max-in-flight $n" e2e-decode --decoder "$element max-in-flight=$n" --output dmabuf \
		pyramid.mp4 refs16.mp4 mbafftff.mp4 change.264 tenbit.mp4
done
ours "two streams" e2e-decode --streams 2 --output dmabuf pyramid.mp4 mbafftff.mp4 tenbit.mp4
ours "four streams" e2e-decode --streams 4 pyramid.264 change.264

# Flushing, stopping, live sources, metadata of the frames.
ours "seek" e2e-seek pyramid.mp4 longgop.mkv opengop.mkv opengop.mp4 mbafftff.mp4 tenbit.mkv
ours "restart" e2e-decode --restart pyramid.264 change.264 mbafftff.264
ours "live" e2e-live baseline.264 refresh.264 intra.264
ours "captions" e2e-decode --captions captions.264

# Downstream keeps pictures: more than the device has buffers, and played backwards. Where
# it keeps few, nothing is copied.
hold_in=(refs16.mp4 onekey.mp4 mbafftff.mp4)
ours "keeps 2" e2e-hold --keep 2 --copies none "${hold_in[@]}"
ours "keeps 45" e2e-hold --copies some "${hold_in[@]}"
ours "keeps 45 DMA-BUFs" e2e-hold --output dmabuf --copies none "${hold_in[@]}"
ours "keeps 45 packed frames" e2e-hold --output plain "${hold_in[@]}"
ours "keeps 25, takes DMA-BUFs" e2e-hold --output both --keep 25 --copies none onekey.mp4
ours "keeps 25 and says so" e2e-hold --output both --keep 25 --min 25 --copies some onekey.mp4
for output in system both dmabuf; do
	ours "backwards, $output" e2e-hold --keep 0 --reverse --output $output onekey.mp4
done

# Downstream blocks, or is not linked for some time.
ours "link" e2e-link baseline.mp4 pyramid.mp4

# Damage in front of the decoder: the other frames are exact and keep their timestamps.
for frame in 13 14 15; do
	ours "frame $frame is damaged" e2e-damage --frame $frame --max-lost 1 pyramid.mp4
done
ours "a part of a frame is damaged" e2e-damage --kind payload --frame 13 --max-lost 0 \
	--flagged some pyramid.mp4
e2e "discard-corrupted-frames" e2e-damage --decoder "$element discard-corrupted-frames=true" \
	--kind payload --frame 13 --flagged none pyramid.mp4
ours "a frame looks unsupported" e2e-damage --replace i422.264 \
	--via "qtdemux ! h264parse config-interval=-1 ! $stream_format=byte-stream,alignment=au" \
	pyramid.mp4

# described CLIP TEXT...: the caps of its frames have each TEXT.
described() {
	local clip=$1 caps text
	shift
	caps=$(gst-launch-1.0 -v filesrc location="$clip" ! parsebin ! "$element" ! fakesink name=sink |
		sed -n 's/.*GstFakeSink:sink.GstPad:sink: caps = //p' | tail -n 1)
	echo "$caps"
	for text; do
		[[ "$caps, " == *", $text, "* ]] || { echo "$text is not in them"; return 1; }
	done
}
check "caps of an HDR clip" described hdr.mp4 'width=(int)176' 'height=(int)144' \
	'pixel-aspect-ratio=(fraction)4/3' 'colorimetry=(string)bt2100-pq' \
	'mastering-display-info=(string)35400:14600:8500:39850:6550:2300:15635:16450:10000000:50' \
	'content-light-level=(string)1000:400'
check "caps of a clip with cropping" described crop.mp4 'width=(int)638' 'height=(int)362' \
	'framerate=(fraction)25/1' 'interlace-mode=(string)progressive'
check "caps of an interlaced clip" described mbaffbff.mp4 'interlace-mode=(string)mixed' \
	'height=(int)160'

# refused CLIP WORDS: our element refuses CLIP with an error that has the WORDS.
refused() {
	local answer
	answer=$(printf '%s\tyuv420p\n' "$1" | "$decode_md5" --decoder "$element")
	echo "$answer"
	[[ $answer == *$'\terror\tdec: '*"$2"* ]]
}
for form in 264 mp4; do
	for clip in i422 i422ten; do
		check_kind refused "$clip.$form is refused" refused $clip.$form "4:2:2"
	done
	for clip in i444 i444ten; do
		check_kind refused "$clip.$form is refused" refused $clip.$form "4:4:4"
	done
done

# Elements that choose the decoder. GStreamer's own stateless element would accept the
# streams that our element refuses, and fail.
e2e "autoplug" e2e-autoplug --expect "$element" pyramid.mp4 tenbit.mkv opengop.mkv change.avc3.mp4
GST_PLUGIN_FEATURE_RANK=v4l2slh264dec:NONE \
	e2e "autoplug falls back" e2e-autoplug --expect avdec_h264 i422.mkv i444.mkv
node=$(video_node)
e2e "device property" e2e-decode --decoder "$element device=$node" crop.264

# The stock element, which does not support monochrome.
e2e "v4l2slh264dec" e2e-decode --decoder v4l2slh264dec !(i4*|mono).264
e2e "v4l2slh264dec, avc" e2e-decode --decoder v4l2slh264dec !(i4*|mono|*.avc3).mp4

check "the module is at rest" stats_at_rest
tap_done
