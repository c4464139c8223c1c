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

# large_av1: a clip that is large enough for decoder threads, with its reference MD5s.
large_av1() {
	ffmpeg -v error -f lavfi -i testsrc2=size=640x368:rate=25 -frames:v 4 -pix_fmt yuv420p \
		-c:v libaom-av1 -usage realtime -cpu-used 8 -y /tmp/large.ivf &&
		ffmpeg -v error -c:v libdav1d -i /tmp/large.ivf -c:v rawvideo -f framemd5 - </dev/null |
		sed -nE 's/^0,.*, *([0-9a-f]{32})$/\1/p' >/tmp/large.md5
}

# threads_decode ELEMENT CLIP: exact, with four decoder threads in the sandbox.
threads_decode() {
	timeout 60 "$e2e_programs/e2e-decode" --decoder "$1" "$2"
}

start_daemon() {
	"$DAEDALUS_BUILD/user/daemon/daedalusd" --threads 4 --log-level debug 2>/tmp/daemon.log &
	daemon=$!
	for _ in $(seq 600); do
		compgen -G '/dev/video*' >/dev/null && return
		sleep 0.1
	done
	return 1
}

tap_of "sandbox" "$programs/daemon/core/test_sandbox" --guest
tap_of "worker" "$programs/sandbox/sandbox-tests" "$programs/sandbox/daedalusd-hijacked"

need_clips vp9 h264
# Four threads on two processors are slow.
echo 20000 >/sys/module/daedalus_v4l2/parameters/deadline_ms
if start_daemon; then
	check "an AV1 clip" large_av1
	for clip in "daedalush264dec $clips/h264/crop.264" "daedalusvp9dec $clips/vp9/tilerows.ivf" \
		"daedalusav1dec /tmp/large.ivf"; do
		# shellcheck disable=SC2086  # element and clip
		check "${clip%% *} with decoder threads" threads_decode $clip
	done
	check "the streams had threads" test "$(grep -c 'with [2-9] threads' /tmp/daemon.log)" -ge 2
	kill -TERM $daemon
	check "the daemon stops" wait $daemon
	cat /tmp/daemon.log >&2
else
	not_ok "the daemon" /tmp/daemon.log
fi
tap_done
