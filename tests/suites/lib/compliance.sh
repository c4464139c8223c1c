# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# v4l2-compliance as a check.

# compliance TESTS ARGS...: does v4l2-compliance run exactly this number of TESTS, and do
# all succeed without a warning? The last total is that of all devices.
compliance() {
	local tests=$1 report status=0
	shift
	report=$(v4l2-compliance "$@" 2>&1) || status=$?
	printf '%s\n' "$report"
	echo "it ended with status $status, expected $tests tests"
	[ $status -eq 0 ] && awk -v n="$tests" '/^(Grand )?Total for / { total = $0 }
		END { exit total !~ (": " n ", Succeeded: " n ", Failed: 0, Warnings: 0$") }' <<<"$report"
}
