# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Shared by the host-side scripts of ./dev: messages, steps with a progress line,
# cached artefacts and contained processes. It is sourced, not executed.

# dev writes all files here and none to the checkout.
CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/daedalus
LOGS=$CACHE/logs

# Exit statuses of dev itself; any other status is that of the command.
# shellcheck disable=SC2034  # used by the scripts that source this file
readonly EXIT_KERNEL=123 EXIT_TIMEOUT=124 EXIT_GUEST=125

say() { printf 'dev: %s\n' "$*" >&2; }
die() { printf 'dev: error: %s\n' "$*" >&2; exit "$EXIT_GUEST"; }

# now: the time in centiseconds.
now() { local t=${EPOCHREALTIME/[.,]/}; printf '%d' "$((10#$t / 10000))"; }
# since START: the time since START (centiseconds), as "12.3 s".
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

# hash_of FILE|@TEXT...: a short hash of the files and texts.
hash_of() {
	local i
	for i; do
		case $i in
		@*) printf '%s\n' "$i" ;;
		*) cat "$i" ;;
		esac
	done | sha256sum | cut -c1-16
}

# contain CMD...: run CMD in its own mount and PID namespace. Its mounts are not
# visible outside. Its processes end with CMD, and CMD ends with this shell.
CONTAIN=(setpriv --pdeathsig KILL unshare --mount --propagation private --pid
	--fork --kill-child=KILL --mount-proc)
contain() { "${CONTAIN[@]}" "$@"; }

# artefact KIND KEY TEXT CMD...: make the folder $CACHE/KIND-KEY if it is missing.
# CMD gets an empty folder as its last argument. The folder is renamed only after
# CMD succeeded, so an interrupted build is not taken for a finished one. Sets
# REPLY to the path.
artefact() {
	local kind=$1 path=$CACHE/$1-$2 text=$3 old lock
	shift 3
	REPLY=$path
	if [ -d "$path" ]; then
		touch "$path" 2>/dev/null || true
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
		# Remove folders of this kind that were not used for a week.
		for old in "$CACHE/$kind"-*; do
			[ "$old" = "$path" ] || [ -n "$(find "$old" -maxdepth 0 -mtime -7)" ] ||
				rm -rf --one-file-system "$old"
		done
	fi
	exec {lock}>&-
	REPLY=$path
}
