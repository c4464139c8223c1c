#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whole pipelines around daedalusvp9dec and other clients, on clips made with
# libvpx; each frame must be the one that libvpx decodes.
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

need_clips vp9
cd "$clips/vp9" || exit 1
decodable=()
for clip in *.ivf; do
	[[ $clip =~ ^(profile1|twelvebit)\.ivf$ ]] || decodable+=("$clip")
done

# Memory of the output.
for output in dmabuf system plain; do
	e2e "$output memory" e2e-decode --output $output "${decodable[@]}"
done

# libvpx and our element output the last frame that a superframe shows. The stock
# element and the parser that splits superframes for it do not do that.
# (Type finding of GStreamer 1.26.2 fails on the clip with show_existing_frame.)
e2e "layers" e2e-decode --via "ivfparse ! vp9parse" --output dmabuf layers/*.ivf
e2e "layers, live" e2e-live layers/*.ivf

# packed: what reaches a file without GstVideoMeta is the frames' bytes.
packed() {
	local reference
	gst-launch-1.0 -q filesrc location=hidden.ivf ! ivfparse ! vp9parse ! daedalusvp9dec ! \
		video/x-raw,format=NV12 ! identity drop-allocation=true ! filesink location=/tmp/nv12 ||
		return
	reference=$(ffmpeg -v error -i hidden.ivf -pix_fmt nv12 -f rawvideo - | md5sum) || return
	echo "$reference"
	md5sum /tmp/nv12
	[ "${reference%% *}" = "$(md5sum </tmp/nv12 | cut -d' ' -f1)" ]
}
check_kind exact "packed NV12 in a file equals FFmpeg's" packed
rm -f /tmp/nv12

# Number of frames in flight, number of streams.
for n in 1 2 8 16; do
	e2e "max-in-flight $n" e2e-decode --decoder "daedalusvp9dec max-in-flight=$n" \
		--output dmabuf hidden.ivf existing.ivf resize.ivf tenbit.ivf
done
e2e "two streams" e2e-decode --streams 2 --output dmabuf hidden.ivf resize.ivf tenbit.ivf
e2e "four streams" e2e-decode --streams 4 hidden.ivf keysizes.ivf depths.ivf

# Flushing, stopping, live sources.
e2e "seek" e2e-seek hidden.webm tenbit.webm
e2e "restart" e2e-decode --restart hidden.ivf resize.ivf tenbit.ivf
e2e "restart of three streams" e2e-decode --restart --streams 3 hidden.ivf
e2e "live" e2e-live hidden.ivf existing.ivf tenbit.ivf keysizes.ivf size1x1.ivf

# Downstream keeps pictures: more than the device has buffers, and played backwards. Where
# it keeps few, nothing is copied.
hold_in=(existing.ivf onekey.ivf)
e2e "keeps 2" e2e-hold --keep 2 --copies none "${hold_in[@]}"
e2e "keeps 45" e2e-hold --copies some "${hold_in[@]}"
e2e "keeps 45 DMA-BUFs" e2e-hold --output dmabuf --copies none "${hold_in[@]}"
e2e "keeps 45 packed frames" e2e-hold --output plain "${hold_in[@]}"
e2e "keeps 25, takes DMA-BUFs" e2e-hold --output both --keep 25 --copies none onekey.ivf
e2e "keeps 25 and says so" e2e-hold --output both --keep 25 --min 25 --copies some onekey.ivf
for output in system both dmabuf; do
	e2e "backwards, $output" e2e-hold --keep 0 --reverse --output $output onekey.webm
done

# Downstream blocks, or is not linked for some time.
e2e "link" e2e-link hidden.ivf onekey.ivf

# Damage in front of the decoder: the other frames are exact and keep their timestamps.
for frame in 17 21 30; do
	e2e "frame $frame is damaged" e2e-damage --frame $frame hidden.webm onekey.webm
done
e2e "a frame looks unsupported" e2e-damage --replace profile1.ivf hidden.webm

# launch DESCRIPTION: a pipeline with onekey.webm, to its end.
launch() {
	timeout 60 gst-launch-1.0 -q filesrc location=onekey.webm ! parsebin ! daedalusvp9dec ! "$@"
}
check "a queue that keeps 45 pictures" launch queue min-threshold-buffers=45 \
	max-size-buffers=100 max-size-bytes=0 max-size-time=0 ! fakevideosink sync=false
check "vp9enc with look-ahead" launch vp9enc lag-in-frames=25 deadline=1 cpu-used=8 ! fakesink
if gst-inspect-1.0 --exists x264enc; then
	check "x264enc with look-ahead" launch x264enc rc-lookahead=40 ! fakesink
fi

# The same with a device that cannot get new buffers in mid-stream: visl decodes nothing, but
# takes requests.
visl_starves() {
	local name answer
	modprobe visl || return
	for _ in {1..50}; do
		name=$(grep -l '^visl' /sys/class/video4linux/*/name) && break
		sleep 0.1
	done
	answer=$("$e2e_programs/e2e-hold" --output dmabuf --decoder \
		"daedalusvp9dec device=/dev/$(basename "$(dirname "$name")")" onekey.ivf)
	rmmod visl
	echo "$answer"
	[[ $answer == *"The next elements keep 31 of the 32 picture buffers of /dev/video"* ]]
}
check "keeps 45 DMA-BUFs of another device: an error" visl_starves

# Elements that choose the decoder. GStreamer's own stateless element would accept a
# profile 1 stream that our element refuses, and fail.
e2e "autoplug" e2e-autoplug --expect daedalusvp9dec hidden.webm tenbit.webm resize.webm
GST_PLUGIN_FEATURE_RANK=v4l2slvp9dec:NONE \
	e2e "autoplug falls back" e2e-autoplug --expect vp9dec,avdec_vp9 profile1.webm
node=$(video_node)
e2e "device property" e2e-decode --decoder "daedalusvp9dec device=$node" size35x67.ivf

# The stock element, and the V4L2 API alone.
e2e "v4l2slvp9dec" e2e-decode --decoder v4l2slvp9dec "${decodable[@]}"
for fourcc in NV12 NM12 YU12; do
	for memory in mmap expbuf udmabuf heap; do
		for clip in hidden keysizes; do
			e2e "V4L2, $fourcc, $memory" v4l2-vp9 --format $fourcc --capture $memory $clip.ivf
		done
	done
done
for memory in mmap expbuf udmabuf heap; do
	e2e "V4L2, P010, $memory" v4l2-vp9 --capture $memory --output $memory tenbit.ivf
	e2e "V4L2, 8 in flight, $memory" v4l2-vp9 --in-flight 8 --capture $memory --output $memory resize.ivf
done
e2e "V4L2, one in flight" v4l2-vp9 --in-flight 1 existing.ivf
e2e "V4L2, NV12 and P010" v4l2-vp9 depths.ivf

check "the module is at rest" stats_at_rest
tap_done
