# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# "./dev demo" decodes a clip through the whole stack, compares it with FFmpeg's
# decoder and makes a contact sheet. "./dev bench" runs the benchmarks. Sourced by
# dev.
# shellcheck disable=SC2154  # variables of dev and of the result file

# demo_clip: makes the default clip. It has moving content, and two passes with a
# look-ahead make libvpx use hidden alt-ref frames. Sets CLIP.
demo_clip() {
	local dir
	dir=$CACHE/clips
	CLIP=$dir/clip-$(hash_of "$VM/demo-clip.sh").webm
	[ ! -s "$CLIP" ] || return 0
	mkdir -p "$dir"
	step "encoding the demo clip with FFmpeg" "$LOGS/demo-clip.log" \
		in_root -w "$dir" -- "$VM/demo-clip.sh" "$CLIP.tmp.webm"
	mv "$CLIP.tmp.webm" "$CLIP"
}

# The element for each codec, by FFmpeg's name of the codec.
declare -A DEMO_ELEMENTS=([vp9]=daedalusvp9dec [h264]=daedalush264dec [av1]=daedalusav1dec)

# unprivileged CMD...: run a program of FFmpeg in the root, with the clip as its standard
# input. The file may be anybody's, so the program has no rights.
unprivileged() {
	local drop=(setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs
		--bounding-set=-all)
	[ -z "${DAEDALUS_MAP:-}" ] || drop=()
	in_root -- "${drop[@]}" "$@" <"$CLIP"
}

# probe KEY: prints a value from ffprobe's output in $work/probe.
probe() { sed -n "s/^$1=//p" "$work/probe" | head -n 1; }

# demo_front: prints the element that demuxes or parses the file. GStreamer does not
# recognize AV1 without a container, and cannot split its length-delimited format
# (Annex B). The low-overhead format begins with a temporal delimiter.
demo_front() {
	[ "$(probe format_name)" = obu ] || { echo parsebin; return; }
	[ "$(head -c 2 "$CLIP" | od -An -tx1)" = " 12 00" ] ||
		die "$CLIP is AV1 in the length-delimited format (Annex B): put it into a container, such as MP4"
	echo av1parse
}

cmd_demo() {
	local dir work sheet start status=0 codec element pixels reference result clip_dir front
	[ ${#REST[@]} -le 1 ] || die "demo takes one FILE, not: ${REST[*]}"
	dir=$(readlink -m "${SHOW:-$CACHE/demo}")
	mkdir -p "$dir"
	if [ ${#REST[@]} -eq 1 ]; then
		CLIP=$(readlink -e "${REST[0]}") || die "no file ${REST[0]}"
	fi
	prepare_guest
	[ ${#REST[@]} -eq 1 ] || demo_clip
	clip_dir=$(dirname "$CLIP")
	work=$CACHE/tmp/demo.$$
	# shellcheck disable=SC2064  # expand the variable now
	trap "rm -rf '$work'" EXIT
	rm -rf "$work"
	mkdir -p "$work"

	unprivileged ffprobe -v error -select_streams v:0 -show_entries \
		stream=codec_name,profile,width,height,pix_fmt,avg_frame_rate:format=duration,format_name \
		-of default=noprint_wrappers=1 fd: >"$work/probe" 2>"$work/probe.err" ||
		die "$CLIP is not a media file that FFmpeg knows: $(tail -n 1 "$work/probe.err")"
	codec=$(probe codec_name)
	element=${DEMO_ELEMENTS[${codec:-none}]:-}
	[ -n "$element" ] ||
		die "$CLIP holds ${codec:-no video}, and Daedalus decodes $(printf '%s\n' "${!DEMO_ELEMENTS[@]}" |
			sort | paste -sd ' ' | sed 's/ \([^ ]*\)$/ and \1/; s/ \([^ ]* and \)/, \1/'): give another file"
	pixels=$(probe pix_fmt)
	case $pixels in
	yuv420p | yuvj420p | yuv420p10le) ;;
	*) die "$CLIP has pixels in ${pixels:-an unknown format}, and Daedalus decodes 4:2:0 with 8 or 10 bits" ;;
	esac

	front=$(demo_front)
	step "decoding with the reference decoder (FFmpeg)" "$LOGS/demo-reference.log" \
		unprivileged ffmpeg -v error -i fd: -map 0:v:0 -noautoscale -fps_mode passthrough \
		-pix_fmt "$pixels" -c:v rawvideo -f md5 -
	reference=$(sed -n 's/^MD5=//p' "$LOGS/demo-reference.log")

	start=$(now)
	say "decoding in the guest through $element ..."
	G_SHARES+=("$clip_dir" "$work")
	prepare_guest
	guest_run "$VM/demo-decode.sh" "$CLIP" "$element" "$pixels" "$work" \
		"$(probe avg_frame_rate)" "$(probe duration)" "$front" >"$work/guest.log" || status=$?
	if [ "$status" -ne 0 ]; then
		grep -v '^Got message' "$work/guest.log" | tail -n 20 >&2
		die "the pipeline in the guest failed with status $status"
	fi
	say "decoding in the guest through $element: done in $(since "$start")"
	# demo_md5, demo_frames and demo_seconds, written by demo-decode.sh
	# shellcheck source=/dev/null
	. "$work/result"

	sheet=$dir/contact-sheet.png
	step "contact sheet" "$LOGS/demo-sheet.log" in_root -r "$work" -w "$dir" -- ffmpeg -v error -y \
		-framerate 1 -i "$work/frame-%03d.png" -frames:v 1 -update 1 \
		-vf 'scale=320:-2,tile=4x3:padding=4:margin=4' "$sheet"

	result="equals FFmpeg's"
	[ "$demo_md5" = "$reference" ] || result="DIFFERS from FFmpeg's $reference"
	cat <<END
file    $CLIP
codec   $codec ($(probe profile), $pixels)
size    $(probe width)x$(probe height)
frames  $demo_frames
fps     $(awk -v n="$demo_frames" -v s="$demo_seconds" 'BEGIN { printf "%.1f", n / s }') (in the $G_LANE guest)
MD5     $demo_md5, $result
sheet   $sheet
END
	[ "$demo_md5" = "$reference" ] || return 1
}

cmd_bench() {
	local bench found='' status=0
	no_rest
	for bench in "$REPO"/tests/bench/*; do
		[ -x "$bench" ] || continue
		found=yes
		prepare_guest
		say "bench ${bench##*/}"
		guest_run "$bench" || status=$?
	done
	[ -n "$found" ] || die "no benchmark in tests/bench"
	return "$status"
}
