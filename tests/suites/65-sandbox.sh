#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a worker that an attacker controls can do: the sandbox alone, then the whole
# daemon with a codec that attacks. docs/security.md lists what has to hold.
# where: guest
# lanes: uml qemu
# guest: --no-daemon
# timeout: 600
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/device.sh
. "$here/lib/device.sh"
# shellcheck source=tests/suites/lib/e2e.sh
. "$here/lib/e2e.sh"
programs=$DAEDALUS_BUILD/user/tests

# tap_of PREFIX PROGRAM ARGS...: a result for each one that the program reports.
tap_of() {
	local prefix=$1 status=0 line lines=0 failed=0 output=()
	shift
	"$@" >"$tap_output" 2>&1 || status=$?
	cat "$tap_output" >&2
	mapfile -t output <"$tap_output"
	for line in "${output[@]}"; do
		case $line in
		'ok '*'# SKIP '*) skip "$prefix: ${line#ok * - }" "${line#*# SKIP }" ;;
		'ok '*) ok "$prefix: ${line#ok * - }" ;;
		'not ok '*)
			not_ok "$prefix: ${line#not ok * - }" "$tap_output"
			failed=1
			;;
		*) continue ;;
		esac
		lines=$((lines + 1))
	done
	if [ $status -ne $failed ] || [ $lines -eq 0 ]; then
		not_ok "$prefix: it ended with status $status after $lines results" "$tap_output"
	fi
}

# large_clip NAME ENCODER...: a clip that is large enough for decoder threads, with its
# reference MD5s.
large_clip() {
	local clip=/tmp/$1
	shift
	ffmpeg -v error -f lavfi -i testsrc2=size=640x368:rate=25 -frames:v 4 -pix_fmt yuv420p \
		-c:v "$@" -y "$clip" </dev/null || return
	ffmpeg -v error -i "$clip" -pix_fmt yuv420p -c:v rawvideo -f framemd5 - </dev/null |
		sed -nE 's/^0,.*, *([0-9a-f]{32})$/\1/p' >"${clip%.*}.md5"
}

# threads_decode ELEMENT CLIP: exact, with four decoder threads in the sandbox.
threads_decode() {
	timeout 120 "$e2e_programs/e2e-decode" --decoder "$1" "$2"
}

start_daemon() {
	"$DAEDALUS_BUILD/user/daemon/daedalusd" --threads 4 --log-level debug 2>/tmp/daemon.log &
	daemon=$!
	nodes_come 60
}

tap_of "sandbox" "$programs/daemon/core/test_sandbox" --guest
tap_of "worker" "$programs/sandbox/sandbox-tests" "$programs/sandbox/daedalusd-hijacked"

# Four threads on two processors are slow.
echo 20000 >/sys/module/daedalus_v4l2/parameters/deadline_ms
if start_daemon; then
	while read -r element clip encoder; do
		# shellcheck disable=SC2086  # the encoder's options
		check "clip for $element" large_clip "$clip" $encoder
		check "$element with decoder threads" threads_decode "$element" "/tmp/$clip"
	done <<-'END'
		daedalush264dec threads-h264.264 libx264 -preset ultrafast
		daedalusvp9dec threads-vp9.ivf libvpx-vp9 -deadline realtime -cpu-used 8
		daedalusav1dec threads-av1.ivf libaom-av1 -usage realtime -cpu-used 8
	END
	check "the streams had threads" test "$(grep -c 'with [2-9] threads' /tmp/daemon.log)" -ge 2
	kill -TERM $daemon
	check "the daemon stops" wait $daemon
	cat /tmp/daemon.log >&2
else
	not_ok "the daemon" /tmp/daemon.log
fi
tap_done
