#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests the daemon's command line and those exit statuses that need no module.
#
#   daedalusd_cli.sh PATH_OF_DAEDALUSD VERSION WORK_DIR
set -u

daemon=$1
version=$2
dir=$3
failed=0

# expect STATUS PHRASE ARGUMENT...: run daedalusd with the ARGUMENTs; it must end with
# STATUS and print a line that contains PHRASE.
expect() {
	want=$1 phrase=$2
	shift 2
	out=$("$daemon" "$@" 2>&1)
	got=$?
	if [ "$got" -ne "$want" ]; then
		echo "daedalusd $*: exit status $got, not $want"
		failed=1
	fi
	if ! printf '%s\n' "$out" | grep -q -e "$phrase"; then
		echo "daedalusd $*: does not say \"$phrase\" but: $out"
		failed=1
	fi
}

mkdir -p "$dir"
: >"$dir/file"

expect 0 "Usage: daedalusd" --help
expect 0 "^daedalusd $version\$" --version
expect 2 "daedalusd --help" --no-such-option
expect 2 "unexpected argument word" word
expect 2 "is not a number from 0 to 64" --threads 65
expect 2 "is not a number from 0 to 64" --threads 1x
expect 2 "is not a number from 0 to 64" --threads ""
expect 2 "is not error, warning, info or debug" --log-level loud
expect 2 "is not strict, no-namespaces or off" --sandbox loose
expect 2 "is neither 0 nor a number from 64 to 1048576" --worker-memory 63
expect 2 "is neither 0 nor a number from 64 to 1048576" --worker-memory lots
expect 2 "is not a descriptor" --resume 2
expect 2 "only daedalusd itself gives this option" --resume 9
expect 2 "only daedalusd itself gives this option" --resume 9 9</dev/null
expect 4 "load the daedalus_v4l2 module" --device "$dir/missing"
expect 4 "load the daedalus_v4l2 module" --device "$dir/missing" --sandbox off --worker-memory 0
expect 4 "load the daedalus_v4l2 module" --device "$dir/missing" --foreground --threads 0
expect 4 "Is a directory" --device "$dir"
# Without a sandbox, because no sanitizer works in it.
expect 4 "is not the control device of daedalus_v4l2" --device "$dir/file" --sandbox off
expect 4 "is not the control device of daedalus_v4l2" --device /dev/null --in-process
lines=$("$daemon" --device "$dir/missing" 2>&1 | wc -l)
if [ "$lines" -ne 1 ]; then
	echo "a missing device takes $lines lines, not 1"
	failed=1
fi

[ "$failed" -eq 0 ] && echo "all good"
exit "$failed"
