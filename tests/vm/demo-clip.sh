#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Encodes the demo's clip; runs inside the project's root. usage: demo-clip.sh OUT
# Two passes and a look-ahead of 16 frames make libvpx use hidden alt-ref frames.
set -euo pipefail
source=(-f lavfi -i "testsrc2=size=640x360:rate=30:duration=4,rotate=0.1*sin(t)")
encode=(-c:v libvpx-vp9 -b:v 800k -g 60 -auto-alt-ref 1 -lag-in-frames 16 -row-mt 1
	-deadline good -cpu-used 5 -pix_fmt yuv420p)
ffmpeg -v error -y "${source[@]}" "${encode[@]}" -pass 1 -passlogfile /tmp/pass -f null /dev/null
ffmpeg -v error -y "${source[@]}" "${encode[@]}" -pass 2 -passlogfile /tmp/pass "$1"
