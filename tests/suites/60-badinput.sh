#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Broken streams and broken requests: each ends soon, with an error that says
# why or with frames; the next good stream is exact, and nothing is left over.
# where: guest
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

# broken_streams LABEL ARGS...: a TAP line for each line of badinput.py.
broken_streams() {
	local label=$1 line lines=0
	shift
	while IFS= read -r line; do
		case $line in
		*'# SKIP '*) skip "$label: $(sed -E 's/^ok (.*) # SKIP .*/\1/' <<<"$line")" "${line#*# SKIP }" ;;
		'ok '*) ok "$label: ${line#ok }" ;;
		'not ok '*) not_ok "$label: ${line#not ok }" ;;
		esac
		lines=$((lines + 1))
	done < <("$here/lib/badinput.py" "$@" || echo "not ok badinput.py ended with status $?")
	[ $lines -gt 80 ] || not_ok "$label: only $lines results"
}

need_clips
broken_streams "daedalusvp9dec" "$clips" daedalusvp9dec "$decode_md5"
check "the module is at rest" stats_at_rest
broken_streams "v4l2slvp9dec" "$clips" v4l2slvp9dec "$decode_md5" --lenient
check "the module is at rest after the stock element" stats_at_rest
for seed in 1 2 3; do
	e2e "requests, seed $seed" v4l2-garbage --seed $seed "$clips/resilient.ivf"
done
check "the module is at rest after bad requests" stats_at_rest
tap_done
