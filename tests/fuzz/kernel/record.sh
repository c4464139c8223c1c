#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes corpus/ again: clips of a few pictures, as requests, and the MD5 of the pictures by
# FFmpeg's own decoders. Decoding order and display order are alike in all of them. Run it
# with: ./dev run --no-daemon -- tests/fuzz/kernel/record.sh
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
corpus=$here/corpus
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# name  suffix  frames  size  element  FFmpeg's encoder and options
clips="
vp9     ivf  6 64x64 daedalusvp9dec  libvpx-vp9 -b:v 60k -lag-in-frames 0 -auto-alt-ref 0 -deadline realtime -cpu-used 8 -g 3
h264    264  6 64x64 daedalush264dec libx264 -preset medium -crf 36 -bf 0 -g 3 -x264-params log=-1:8x8dct=1:cabac=1
mbaff   264  6 64x64 daedalush264dec libx264 -preset medium -crf 36 -bf 0 -g 3 -x264-params log=-1:tff=1:slices=2
av1     obu  6 64x64 daedalusav1dec  libaom-av1 -b:v 60k -lag-in-frames 0 -usage realtime -cpu-used 8 -g 3
"
while read -r name suffix frames size element options; do
	[ -n "$name" ] || continue
	clip=$work/$name.$suffix
	# shellcheck disable=SC2086  # the options are words
	ffmpeg -v error -y -f lavfi -i "testsrc2=size=$size:rate=25" -frames:v "$frames" \
		-pix_fmt yuv420p -c:v $options "$clip" </dev/null
	ffmpeg -v error -i "$clip" -f rawvideo -pix_fmt yuv420p - </dev/null |
		md5sum | cut -c1-32 >"$corpus/$name.md5"
	"$DAEDALUS_BUILD/user/tests/fuzz/kernel/kernel-record" "$corpus/$name.jobs" &
	until compgen -G '/dev/video*' >/dev/null; do sleep 0.1; done
	gst-launch-1.0 -q filesrc "location=$clip" ! parsebin ! "$element" ! fakesink
	wait $!
	# The nodes leave with this daemon before the next one comes.
	while compgen -G '/dev/video*' >/dev/null; do sleep 0.1; done
done <<<"$clips"
ls -l "$corpus"
