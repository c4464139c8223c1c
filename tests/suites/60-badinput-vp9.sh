#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Broken VP9 streams and broken requests: each ends soon, with an error that says
# why or with frames; the next good stream is exact, and nothing is left over.
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

need_clips vp9
broken_streams vp9 daedalusvp9dec
check "the module is at rest" stats_at_rest
broken_streams vp9 v4l2slvp9dec --lenient
check "the module is at rest after the stock element" stats_at_rest
for seed in 1 2 3; do
	e2e "requests, seed $seed" v4l2-garbage --seed $seed "$clips/vp9/resilient.ivf"
done
# missed CLIP: with wrong expectations, the test of every kind of request must fail.
missed() {
	local kinds wrong
	"$e2e_programs/v4l2-garbage" --expect-wrong --rounds 1 "$1" >"$tap_output.kinds"
	cat "$tap_output.kinds"
	kinds=$(grep -c . "$tap_output.kinds") wrong=$(grep -c '^not ok ' "$tap_output.kinds")
	[ "$kinds" -gt 10 ] && [ "$wrong" -eq "$kinds" ]
}
check "requests with a wrong expectation fail" missed "$clips/vp9/resilient.ivf"
rm -f "$tap_output.kinds"
check "the module is at rest after bad requests" stats_at_rest
tap_done
