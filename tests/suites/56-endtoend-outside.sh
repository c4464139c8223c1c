#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Clips of all codecs through a client that acts like FFmpeg's v4l2request: as
# distributions ship it, and as the newer series does (tests/e2e/ffmpeg).
# where: guest
# beside: yes
# lanes: uml
# timeout: 600
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/e2e.sh
. "$here/lib/e2e.sh"
# shellcheck source=tests/suites/lib/conformance.sh
. "$here/lib/conformance.sh"
# shellcheck source=tests/suites/lib/outside.sh
. "$here/lib/outside.sh"
shopt -s extglob nullglob

need_clips vp9 h264 av1
for shipped in true false; do
	for codec in vp9 h264 av1; do
		cd "$clips/$codec" || exit 1
		case $codec in
		vp9) files=(!(profile1|twelvebit).ivf) ;;
		h264) files=(!(i4*).264 !(i4*).mkv) ;;
		av1) files=(!(i444|i422|twelvebit|*.annexb).ivf) ;;
		esac
		# Without the frames that the device flags, the others cannot be the reference's.
		e2e "$codec, shipped=$shipped" e2e-decode "${files[@]}" --decoder \
			"ffmpeg${codec}dec shipped=$shipped discard-corrupted-frames=true"
	done
done
check "the module is at rest" stats_at_rest
tap_done
