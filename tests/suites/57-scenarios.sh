#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The tests of validate/tests with our three elements: seeks, rates, states, a decoder that
# is killed. By our own program, and by gst-validate itself after "./dev validate".
# where: guest
# guest: --no-daemon --module-params grace_ms=300
# beside: yes
# lanes: uml
# timeout: 900
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/device.sh
. "$here/lib/device.sh"
# shellcheck source=tests/suites/lib/e2e.sh
. "$here/lib/e2e.sh"

tests=$DAEDALUS_REPO/validate/tests
need_clips vp9 h264 av1

# Ends and is away for longer than grace_ms in one of the tests, so that the nodes go.
start_daemon() {
	! pgrep -x daedalusd >/dev/null || return 0
	nodes_go 10 || return
	"$DAEDALUS_BUILD/user/daemon/daedalusd" --log-level error &
	nodes_come 10
}

# with_gst_validate TEST: the same by gst-validate, which checks every buffer, query and event
# on the pads of the pipeline.
with_gst_validate() {
	start_daemon && timeout -k 5 120 "$validate" --set-test-file "$1"
}

# by_both CODEC TEST...
by_both() {
	local codec=$1 name
	shift
	for name; do
		start_daemon || not_ok "$codec: the daemon starts"
		e2e "$codec" e2e-scenario "$tests/$codec/$name.validatetest"
		[ -z "$validate" ] || check "$codec: $name, by gst-validate" \
			with_gst_validate "$tests/$codec/$name.validatetest"
	done
}

# One after the other: a test kills all workers.
launcher() {
	start_daemon && timeout -k 5 300 gst-validate-launcher --jobs 1 "$tests/launcher.py"
}

export PATH=$DAEDALUS_BUILD/validate/bin:$PATH LD_LIBRARY_PATH=$DAEDALUS_BUILD/validate/lib
export XDG_DATA_HOME=/tmp
validate=$(command -v gst-validate-1.0)
for codec in vp9 h264 av1; do
	cd "$clips/$codec" || exit 1
	mapfile -t names < <(basename -s .validatetest "$tests/$codec"/*.validatetest)
	by_both $codec "${names[@]}"
	[ -z "$validate" ] || check "$codec: gst-validate-launcher" launcher
done
pkill -x daedalusd
wait
tap_done
