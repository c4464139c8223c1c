#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whole pipelines around daedalusav1dec and GStreamer's own stateless element, on
# clips made with libaom and SVT-AV1; each frame must be the one that dav1d decodes.
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

element=${DAEDALUS_AV1_ELEMENT:-daedalusav1dec}
obu_stream=video/x-av1,stream-format=obu-stream
annexb=video/x-av1,stream-format=annexb

need_clips av1
cd "$clips/av1" || exit 1
shopt -s extglob nullglob
unsupported='i444|i422|twelvebit'
ivf=(!($unsupported|*.annexb).ivf)
obu=(!($unsupported).obu)
mp4=(!($unsupported).mp4)
mkv=(!($unsupported).mkv)

# ours PREFIX PROGRAM ARGS...
ours() { e2e "$1" "$2" --decoder "$element" "${@:3}"; }

# Input: containers, OBUs of both formats, buffers with other boundaries.
ours "IVF" e2e-decode "${ivf[@]}"
ours "MP4" e2e-decode "${mp4[@]}"
ours "MKV" e2e-decode "${mkv[@]}"
ours "OBUs" e2e-decode --via av1parse "${obu[@]}"
ours "OBUs, frame by frame" e2e-decode --via "av1parse ! $obu_stream,alignment=frame" "${obu[@]}"
ours "Annex B" e2e-decode --via "ivfparse ! av1parse" -- *.annexb.ivf
ours "Annex B, not parsed" e2e-decode --via \
	"ivfparse ! capssetter replace=true caps=$annexb,alignment=tu" -- *.annexb.ivf
ours "OBUs made Annex B" e2e-decode --via "av1parse ! $annexb,alignment=tu" \
	hidden.obu svt.obu tiles.obu change.obu

# Memory of the output, number of frames in flight, number of streams.
for output in dmabuf plain; do
	ours "$output memory" e2e-decode --output $output "${ivf[@]}"
done
for n in 1 2 8 16; do
	e2e "max-in-flight $n" e2e-decode --decoder "$element max-in-flight=$n" --output dmabuf \
		hidden.ivf fwdkey.ivf waiting.ivf resize.ivf svtten.ivf change.ivf
done
ours "two streams" e2e-decode --streams 2 --output dmabuf hidden.ivf grain.ivf svtten.ivf
ours "four streams" e2e-decode --streams 4 svt.ivf change.ivf

# Flushing, stopping, live sources.
ours "seek" e2e-seek hidden.mp4 hidden.mkv svt.mp4 svtten.mkv tenbit.mkv resize.mp4 grain.mkv
ours "restart" e2e-decode --restart hidden.obu fwdkey.obu change.obu depths.obu
ours "live" e2e-live hidden.obu lowdelay.obu grainten.obu waiting.obu

# Downstream keeps pictures: more than the device has buffers, and played backwards. Where
# it keeps few, nothing is copied.
hold_in=(fwdkey.ivf onekey.ivf)
ours "keeps 2" e2e-hold --keep 2 --copies none "${hold_in[@]}"
ours "keeps 45" e2e-hold --copies some "${hold_in[@]}"
ours "keeps 45 DMA-BUFs" e2e-hold --output dmabuf --copies none "${hold_in[@]}"
ours "keeps 45 packed frames" e2e-hold --output plain "${hold_in[@]}"
ours "keeps 25, takes DMA-BUFs" e2e-hold --output both --keep 25 --copies none onekey.ivf
ours "keeps 25 and says so" e2e-hold --output both --keep 25 --min 25 --copies some onekey.ivf
for output in system both dmabuf; do
	ours "backwards, $output" e2e-hold --keep 0 --reverse --output $output onekey.mkv
done

# Downstream blocks, or is not linked for some time.
ours "link" e2e-link lowdelay.ivf plain.ivf

# Damage in front of the decoder: the other frames are exact and keep their timestamps.
for frame in 17 20 30; do
	ours "frame $frame is damaged" e2e-damage --frame $frame hidden.mp4 onekey.mp4
done
ours "a frame looks unsupported" e2e-damage --replace i444.obu hidden.mp4

# Without film grain, the output is that of the reference frames.
plain_grain() {
	local reference ours
	reference=$(ffmpeg -v error -c:v libdav1d -filmgrain 0 -i grain.ivf -pix_fmt yuv420p -f md5 -) || return
	ours=$(printf 'grain.ivf\tyuv420p\n' | "$decode_md5" --decoder "$element film-grain=false") || return
	echo "FFmpeg $reference, ours $ours"
	[ "$(cut -f3 <<<"$ours")" = "${reference#MD5=}" ]
}
check_kind exact "film-grain=false" plain_grain

# refused CLIP WORDS...: our element refuses CLIP with an error that has the WORDS.
refused() {
	local answer words via=''
	[[ $1 != *.obu ]] || via=av1parse
	answer=$(printf '%s\tyuv420p\t%s\n' "$1" "$via" | "$decode_md5" --decoder "$element")
	echo "$answer"
	for words in "${@:2}"; do
		[[ $answer == *$'\terror\tdec: '*"$words"* ]] || return
	done
}
for form in ivf obu; do
	check_kind refused "i422.$form is refused" refused i422.$form "4:2:2"
	check_kind refused "i444.$form is refused" refused i444.$form "4:4:4"
	check_kind refused "twelvebit.$form is refused" refused twelvebit.$form "12 bits"
done

# Elements that choose the decoder. GStreamer's own stateless element would accept the
# streams that our element refuses, and fail.
e2e "autoplug" e2e-autoplug --expect "$element" hidden.mkv svt.mp4 tenbit.mkv
GST_PLUGIN_FEATURE_RANK=v4l2slav1dec:NONE \
	e2e "autoplug falls back" e2e-autoplug --expect av1dec,avdec_av1,dav1ddec i444.mkv twelvebit.mkv
node=$(video_node)
e2e "device property" e2e-decode --decoder "$element device=$node" odd.ivf

# The stock element, which uses render_size as the size of its pictures. That is too
# large for pictures that libaom has resized.
e2e "v4l2slav1dec" e2e-decode --decoder v4l2slav1dec !($unsupported|*.annexb|resize).ivf

check "the module is at rest" stats_at_rest
tap_done
