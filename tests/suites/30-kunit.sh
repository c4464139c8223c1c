#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The KUnit tests of the module's functions without state, in a kernel.
# where: guest
# kind: unit
# lanes: uml
# guest: --no-daemon
# timeout: 120
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"

insmod "$DAEDALUS_BUILD/module-$DAEDALUS_LANE/kernel/daedalus_v4l2_kunit.ko" ||
	not_ok "insmod daedalus_v4l2_kunit.ko"

# A KTAP result file names the suite in its subtest line; the cases are
# indented by one level, their plan says how many there are.
found=0
for results in /sys/kernel/debug/kunit/*/results; do
	[ -e "$results" ] || continue
	cat "$results" >&2
	suite=$(basename "$(dirname "$results")")
	cases=0
	planned=$(sed -nE 's/^    1\.\.([0-9]+)$/\1/p' "$results")
	while IFS= read -r line; do
		cases=$((cases + 1))
		found=$((found + 1))
		name="$suite: $(sed -E 's/^(not )?ok [0-9]+ (- )?//; s/ # SKIP.*//' <<<"$line")"
		case $line in
		*'# SKIP'*) skip "$name" "${line#*# SKIP }" ;;
		ok*) ok "$name" ;;
		*) not_ok "$name" "$results" ;;
		esac
	done < <(sed -nE 's/^    ((not )?ok [0-9]+ )/\1/p' "$results")
	[ "$cases" = "${planned:-0}" ] || not_ok "$suite: ran $cases of ${planned:-0} cases" "$results"
done
[ $found -gt 0 ] || not_ok "no KUnit result"
check "rmmod daedalus_v4l2_kunit" rmmod daedalus_v4l2_kunit
tap_done
