# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Clips, and the programs of tests/e2e as checks. Source tap.sh first.
# shellcheck disable=SC2154  # tap_output is that of tap.sh

e2e_lib=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
e2e_programs=$DAEDALUS_BUILD/user/tests/e2e

# The clips, in a folder for each codec, are kept until the scripts that make them change.
clips=$DAEDALUS_BUILD/clips-$(cat "$e2e_lib"/clips-*.sh "$e2e_lib"/{bits,ivf,vp9,h264,av1}.py \
	"$e2e_lib/../../e2e/vp9-layers.c" | sha256sum | cut -c1-16)

# make_clips CODEC...: makes the clips if they do not exist. The suite "clips" usually has
# made them before. A guest cannot write to that folder and makes its own clips, slowly.
make_clips() {
	local codec missing=''
	for codec; do
		[ -e "$clips/$codec/complete" ] || missing=yes
	done
	[ -n "$missing" ] || return 0
	if [ -w "$DAEDALUS_BUILD" ]; then
		find "$DAEDALUS_BUILD" -maxdepth 1 -name 'clips-*' ! -path "$clips" -exec rm -rf {} +
	else
		clips=/tmp/clips
	fi
	for codec; do
		[ ! -e "$clips/$codec/complete" ] || continue
		rm -rf "${clips:?}/$codec"
		mkdir -p "$clips"
		"$e2e_lib/clips-$codec.sh" "$clips/$codec" && : >"$clips/$codec/complete" || return
	done
}

# need_clips CODEC...: the same, for a suite that cannot run without the clips.
need_clips() {
	make_clips "$@" >"$tap_output" 2>&1 && return
	not_ok "the clips" "$tap_output"
	tap_done
	exit 1
}

# e2e PREFIX PROGRAM ARGS...: a TAP line for each line that the program prints.
# It may also end with 77, "cannot run here". A GStreamer CRITICAL ends it. It prints
# "# RETRY WHAT" for each repetition.
e2e() {
	local prefix=$1 program=$2 status=0 line failed=0 lines=0 kind
	shift 2
	case $program in
	v4l2-garbage) kind=survived ;;
	*) kind=exact ;;
	esac
	G_DEBUG=fatal-criticals timeout -k 5 "${e2e_timeout:-120}" "$e2e_programs/$program" "$@" \
		>"$tap_output" 2>&1 || status=$?
	{ echo "== $prefix: $program $*"; cat "$tap_output"; } >&2
	while IFS= read -r line; do
		case $line in
		'ok '*) ok "$prefix: ${line#ok }" "$kind" ;;
		'not ok '*)
			not_ok "$prefix: ${line#not ok }"
			failed=1
			;;
		'# RETRY '*)
			retry "$prefix: ${line#'# RETRY '}"
			continue
			;;
		*) continue ;;
		esac
		lines=$((lines + 1))
	done <"$tap_output"
	if [ $status -eq 77 ]; then
		skip "$prefix" "$(tail -n 1 "$tap_output")"
	elif [ $status -ne $failed ] || [ $lines -eq 0 ]; then
		not_ok "$prefix: $program ended with status $status after $lines results" "$tap_output"
	fi
}
