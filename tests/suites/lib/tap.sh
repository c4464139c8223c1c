# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Writes TAP: one line per check on stdout, everything else on stderr. A suite
# ends with tap_done, so one that dies early is noticed by its missing plan.
set -uo pipefail

tap_count=0
tap_output=$(mktemp)
trap 'rm -f "$tap_output"' EXIT

ok() { echo "ok $((++tap_count)) - $1"; }
# not_ok NAME [FILE]: the end of FILE becomes the diagnosis.
not_ok() {
	echo "not ok $((++tap_count)) - $1"
	[ -z "${2:-}" ] || tail -n 30 "$2" | sed 's/^/# /'
}
skip() { echo "ok $((++tap_count)) - $1 # SKIP $2"; }
tap_done() { echo "1..$tap_count"; }

# check NAME CMD...: ok when CMD succeeds. What it prints is in $tap_output.
check() {
	local name=$1
	shift
	if "$@" >"$tap_output" 2>&1; then
		ok "$name"
	else
		echo "command ended with status $?: $*" >>"$tap_output"
		not_ok "$name" "$tap_output"
	fi
	{ echo "== $name"; cat "$tap_output"; } >&2
}
