# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# "./dev run" as a check. Source tap.sh first.

# run_ends STATUS TEXT ARGS...: does "./dev run ARGS" end with STATUS and say TEXT?
run_ends() {
	local status=$1 text=$2 said good=0
	shift 2
	said=$(ends_with "$status" "$DAEDALUS_REPO/dev" run "$@" 2>&1 </dev/null) || good=1
	printf '%s\n' "$said"
	[[ $said == *"$text"* ]] || { echo "it did not say: $text"; good=1; }
	return $good
}

# run_prints TEXT ARGS...: does "./dev run ARGS" write TEXT and nothing else to stdout?
run_prints() {
	local text=$1 out
	shift
	out=$("$DAEDALUS_REPO/dev" run "$@" </dev/null) || return
	printf '%s\n' "$out"
	[ "$out" = "$text" ]
}
