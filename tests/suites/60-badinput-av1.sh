#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Broken AV1 streams: each ends soon, with an error that says why or with frames;
# the next good stream is exact, and nothing is left over. After what was lost or
# broken, frames are exact again from the next key frame.
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

element=${DAEDALUS_AV1_ELEMENT:-daedalusav1dec}
need_clips av1

# The number before each name is that of the frames at the end that must be exact.
work=$(mktemp -d)
"$here/lib/damage_av1.py" "$clips/av1" "$work" >"$work/list" 2>"$tap_output" ||
	not_ok "broken clips" "$tap_output"
[ -s "$work/list" ] || not_ok "no broken clips"
not_parsed="ivfparse ! capssetter caps=video/x-av1,stream-format=obu-stream,alignment=tu"
while read -r frames; do
	mapfile -t broken < <(sed -n "s|^$frames \(.*\)|$work/\1.ivf|p" "$work/list")
	e2e "recovery" e2e-decode --decoder "$element" --last "$frames" "${broken[@]}"
	e2e "recovery, not parsed" e2e-decode --decoder "$element" --via "$not_parsed" \
		--last "$frames" "${broken[@]}"
done < <(cut -d' ' -f1 "$work/list" | sort -u)
rm -r "$work"

broken_streams av1 "$element"
broken_streams av1 "$element" --unparsed
check "the module is at rest" stats_at_rest
broken_streams av1 v4l2slav1dec --lenient
check "the module is at rest after the stock element" stats_at_rest
tap_done
