#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Decodes the demo's clip in the guest. usage:
#   demo-decode.sh FILE ELEMENT PIXELS DIR RATE SECONDS FRONT
# FRONT are the elements between filesrc and ELEMENT.
# Writes DIR/result (shell variables) and DIR/frame-NNN.png.
set -euo pipefail
file=$1 element=$2 pixels=$3 dir=$4 rate=$5 duration=$6
read -r -a front <<<"$7"

decoder=(filesrc "location=$file" ! "${front[@]}" ! "$element")
planar=()
# shellcheck disable=SC2054  # commas of caps
[ "$pixels" != yuv420p10le ] ||
	planar=(! videoconvert dither=none ! video/x-raw,format=I420_10LE)

# The MD5 of all frames, and the time that the pipeline takes.
start=${EPOCHREALTIME/[.,]/}
gst-launch-1.0 -m "${decoder[@]}" "${planar[@]}" ! videocodectestsink | tee "$dir/digest.log"
end=${EPOCHREALTIME/[.,]/}
md5=$(sed -nE 's/.*conformance\/checksum.*checksum=\(string\)([0-9a-f]{32}).*/\1/p' "$dir/digest.log" | tail -n 1)
seconds=$(awk -v us=$((end - start)) 'BEGIN { print us / 1e6 }')
# The time that gst-launch-1.0 reports excludes its own start.
playing=$(sed -nE 's/^Execution ended after ([0-9]+):([0-9]+):([0-9.]+)$/\1 \2 \3/p' "$dir/digest.log" |
	awk '{ print $1 * 3600 + $2 * 60 + $3 }')

# Twelve frames, evenly spread, as PNG files; identity counts all frames. Of a clip
# with twelve frames or fewer, or of unknown length, these are the first frames.
spread=()
step=$(awk -v rate="$rate" -v d="$duration" 'BEGIN {
	split(rate, r, "/")
	if (d + 0 > 0 && r[2] > 0 && 12 / d < r[1] / r[2]) printf "%d/1000", 12000 / d
}')
[ -z "$step" ] || spread=(! videorate drop-only=true ! "video/x-raw(ANY),framerate=$step")
gst-launch-1.0 -v "${decoder[@]}" ! identity name=counter silent=false ! queue \
	"${spread[@]}" ! videoconvert ! pngenc ! \
	multifilesink "location=$dir/frame-%03d.png" >"$dir/frames.log"
frames=$(grep -c '/GstIdentity:counter: last-message = chain' "$dir/frames.log")

[ -n "$md5" ] || { echo "videocodectestsink reported no checksum" >&2; exit 1; }
printf 'demo_md5=%s demo_frames=%d demo_seconds=%s\n' "$md5" "$frames" "${playing:-$seconds}" >"$dir/result"
