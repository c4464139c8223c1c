#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The profile of each frame that one line of trace-cmd gives, see docs/architecture.md.
# where: guest
# lanes: uml
# full-lanes: qemu
# timeout: 120
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
cd /tmp || exit 1
frames=10

clip() {
	ffmpeg -v error -f lavfi -i testsrc2=size=176x144:rate=25 -frames:v $frames -pix_fmt yuv420p \
		-c:v libx264 -preset ultrafast clip.264 </dev/null
}
# The line of the documentation, with a clip for CLIP.
line=$(sed -n 's/^\(trace-cmd record .*\)$/\1/p' "$DAEDALUS_REPO/docs/architecture.md")
record() { [ -n "$line" ] && bash -c "${line//CLIP/clip.264}"; }

# profile: each job has its four events, and the times that its reply tells. The clock of
# User-mode Linux is too coarse to tell their order.
profile() {
	trace-cmd report 2>/dev/null >profile.txt
	cat profile.txt
	sed -nE 's/.* daedalus_job_([a-z]+): +session=[0-9]+ job=([0-9]+) (.*)/\2 \1 \3/p' profile.txt |
		sort -k1,1n -k2,2 |
		awk -v frames=$frames '
			{ events[$1] = events[$1] " " $2 }
			$2 == "reply" && !/status=0 decode_us=[1-9][0-9]* output_us=[1-9][0-9]* error=0/ { bad++ }
			END {
				for (job in events) {
					jobs++
					if (events[job] != " done queue reply send") bad++
				}
				print jobs + 0, "jobs,", bad + 0, "with other events"
				exit jobs != frames || bad
			}'
}

check "a clip" clip
check "trace-cmd records" record
check "each frame has its profile" profile
tap_done
