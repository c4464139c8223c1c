#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The status of "./dev run": the command's own, 123 when the kernel complained, 124
# when time was up, 125 when guest, daemon, module or ./dev itself failed.
# where: host
# timeout: 120
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/run.sh
. "$here/lib/run.sh"

check "the command's failure" run_ends 7 '' -- sh -c 'exit 7'
check "the command's success and output" run_prints 'out of the guest' -- echo 'out of the guest'

# The trace of every task, as a kernel prints it that has something to complain about.
trace='echo t >/proc/sysrq-trigger; sleep 0.5'
check "the kernel complained" run_ends 123 'the kernel complained' --no-module -- sh -c "$trace"
check "the kernel complained, and the command failed" \
	run_ends 7 'the kernel complained' --no-module -- sh -c "$trace; exit 7"
check "time was up" run_ends 124 'did not end within 3 s' --no-module --timeout 3 -- sleep 60

check "the daemon died" run_ends 125 'daedalusd died during the run' -- \
	sh -c 'pkill -KILL -o daedalusd; sleep 1'
check "the daemon did not start" run_ends 125 'daedalusd ended with status 2 before' \
	--daemon-args --no-such-option -- true
check "the module stayed" run_ends 125 'could not be removed' --no-daemon -- \
	sh -c 'sleep 60 3<>/dev/daedalus-v4l2 >/dev/null 2>&1 &'
check "the guest died" run_ends 125 'the guest died' --no-module -- \
	sh -c 'echo c >/proc/sysrq-trigger; sleep 60'
check "a wrong option" run_ends 125 'there are the lanes' --lane nonsense -- true
check "no name of a package" run_ends 125 'names of Debian packages' --packages 'No_Name' -- true
check "no command" run_ends 125 'what to run?' --

# A folder below one that the guest has for itself, with the checkout in it.
shares_around() {
	local dir status=0
	dir=$(mktemp -d /tmp/daedalus-share.XXXXXX)
	mkdir "$dir/repo"
	echo beside >"$dir/file"
	# shellcheck disable=SC2016  # of the inner shell
	unshare --mount --propagation private bash -c 'mount --bind "$1" "$2/repo" &&
		exec "$2/repo/dev" run --no-module --share "$2" -- cat "$2/file" "$2/repo/dev"' \
		_ "$DAEDALUS_REPO" "$dir" </dev/null >"$dir/out" || status=$?
	[ $status -eq 0 ] && cat "$dir/file" "$DAEDALUS_REPO/dev" | cmp - "$dir/out" || status=1
	rm -rf --one-file-system "$dir"
	return $status
}
check "a shared folder that contains the checkout" shares_around
tap_done
