#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Broken H.264 streams: each ends soon, with an error that says why or with frames;
# the next good stream is exact, and nothing is left over. After what was lost or
# broken, frames are exact again from the next point of recovery.
# where: guest
# beside: yes
# guest: --mem 4G
# lanes: uml
# timeout: 900
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/e2e.sh
. "$here/lib/e2e.sh"
# shellcheck source=tests/suites/lib/conformance.sh
. "$here/lib/conformance.sh"
# shellcheck source=tests/suites/lib/badinput.sh
. "$here/lib/badinput.sh"

element=${DAEDALUS_H264_ELEMENT:-daedalush264dec}
need_clips h264

# The number after each name is that of the frames at the end that must be exact.
work=$(mktemp -d)
"$here/lib/h264.py" damage "$clips/h264" "$work" >"$work/list" 2>"$tap_output" ||
	not_ok "broken clips" "$tap_output"
[ -s "$work/list" ] || not_ok "no broken clips"
while read -r frames name; do
	e2e "recovery" e2e-decode --decoder "$element" --last "$frames" "$work/$name.264"
done <"$work/list"
rm -r "$work"

broken_streams h264 "$element"
broken_streams h264 "$element" --unparsed
check "the module is at rest" stats_at_rest
broken_streams h264 v4l2slh264dec --lenient
check "the module is at rest after the stock element" stats_at_rest
tap_done
