# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What every host-side script of ./dev shares: messages, steps with a progress
# line, cached artefacts and contained processes. Sourced, never run.

# Where everything that dev makes is kept; the checkout stays clean.
CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/daedalus
LOGS=$CACHE/logs

# Exit codes of dev's own failures; anything else is the command's own.
# shellcheck disable=SC2034  # used by the scripts that source this file
readonly EXIT_KERNEL=123 EXIT_TIMEOUT=124 EXIT_GUEST=125

say() { printf 'dev: %s\n' "$*" >&2; }
die() { printf 'dev: error: %s\n' "$*" >&2; exit "$EXIT_GUEST"; }

# now: seconds with two decimals, as an integer number of centiseconds.
now() { local t=${EPOCHREALTIME/[.,]/}; printf '%d' "$((10#$t / 10000))"; }
# since START: the time that passed, as "12.3 s".
since() {
	local d=$(($(now) - $1))
	printf '%d.%d s' $((d / 100)) $((d % 100 / 10))
}

# step TEXT LOG CMD...: run CMD with its output in LOG, with a progress line
# before and after; a failure shows the end of the log.
step() {
	local text=$1 log=$2 start status=0
	shift 2
	start=$(now)
	mkdir -p "${log%/*}"
	say "$text ..."
	"$@" >"$log" 2>&1 </dev/null || status=$?
	if [ "$status" -ne 0 ]; then
		tail -n 40 "$log" >&2
		die "$text: failed with status $status after $(since "$start"); whole log: $log"
	fi
	say "$text: done in $(since "$start")"
}

# hash_of FILE|@TEXT...: one short key over files and literal texts.
hash_of() {
	local i
	for i; do
		case $i in
		@*) printf '%s\n' "$i" ;;
		*) cat "$i" ;;
		esac
	done | sha256sum | cut -c1-16
}

# contain CMD...: run CMD in its own mount and PID namespace. Nothing that it
# mounts is seen outside and nothing that it starts outlives it or us.
CONTAIN=(setpriv --pdeathsig KILL unshare --mount --propagation private --pid
	--fork --kill-child=KILL --mount-proc)
contain() { "${CONTAIN[@]}" "$@"; }

# artefact KIND KEY TEXT CMD...: make $CACHE/KIND-KEY unless it is there. CMD
# gets the name of an empty folder that takes its final name only when CMD
# succeeded, so an interrupted build leaves nothing that looks finished.
# Sets REPLY to the path.
artefact() {
	local kind=$1 path=$CACHE/$1-$2 text=$3 old lock
	shift 3
	REPLY=$path
	if [ -d "$path" ]; then
		touch "$path"
		return
	fi
	mkdir -p "$CACHE"
	exec {lock}>"$CACHE/$kind.lock"
	flock -n "$lock" || { say "waiting for another dev to make: $text"; flock "$lock"; }
	if [ ! -d "$path" ]; then
		rm -rf --one-file-system "$path.tmp"
		mkdir -p "$path.tmp"
		step "$text" "$LOGS/$kind-build.log" "$@" "$path.tmp"
		mv "$path.tmp" "$path"
		# Others of this kind that nobody used for a week only cost space.
		for old in "$CACHE/$kind"-*; do
			[ "$old" = "$path" ] || [ -n "$(find "$old" -maxdepth 0 -mtime -7)" ] ||
				rm -rf --one-file-system "$old"
		done
	fi
	exec {lock}>&-
	REPLY=$path
}
