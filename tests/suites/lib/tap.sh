# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Writes TAP: one line per check on stdout, everything else on stderr. A suite
# ends with tap_done, so one that dies early is noticed by its missing plan.
set -uo pipefail

tap_count=0
tap_output=$(mktemp)
trap 'rm -f "$tap_output"' EXIT

# ok NAME [KIND]: KIND is one of suites.sh, if it is not the suite's.
ok() { echo "ok $((++tap_count)) - $1${2:+ # $2}"; }
# not_ok NAME [FILE]: the end of FILE becomes the diagnosis.
not_ok() {
	echo "not ok $((++tap_count)) - $1"
	[ -z "${2:-}" ] || tail -n 30 "$2" | sed 's/^/# /'
}
skip() { echo "ok $((++tap_count)) - $1 # SKIP $2"; }
# retry WHAT: a check is repeated; only the last attempt gives a result.
retry() { echo "# RETRY $1"; }
tap_done() { echo "1..$tap_count"; }

# ends_with STATUS CMD...: does CMD end with exactly this status?
ends_with() {
	local want=$1 status=0
	shift
	"$@" || status=$?
	echo "it ended with status $status, expected $want"
	[ "$status" -eq "$want" ]
}

# check NAME CMD...: ok when CMD succeeds. $tap_output has its output.
check() { check_kind '' "$@"; }
# check_kind KIND NAME CMD...: the same with a kind of its own.
check_kind() {
	local kind=$1 name=$2
	shift 2
	if "$@" >"$tap_output" 2>&1; then
		ok "$name" "$kind"
	else
		echo "command ended with status $?: $*" >>"$tap_output"
		not_ok "$name" "$tap_output"
	fi
	{ echo "== $name"; cat "$tap_output"; } >&2
}
