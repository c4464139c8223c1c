#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# daedalusd built with sanitizers, while streams play, break and end early: with ASan and
# UBSan, and workers without a sandbox; with TSan, and workers that are threads.
# where: guest
# beside: yes
# build: asan tsan
# lanes: uml
# guest: --no-daemon --mem 4G
# timeout: 600
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/device.sh
. "$here/lib/device.sh"
# shellcheck source=tests/suites/lib/e2e.sh
. "$here/lib/e2e.sh"
# shellcheck source=tests/suites/lib/conformance.sh
. "$here/lib/conformance.sh"
# shellcheck source=tests/suites/lib/fuzz.sh
. "$here/lib/fuzz.sh"

codecs=(vp9 h264 av1)
declare -A suffix=([vp9]=ivf [h264]=264 [av1]=ivf)
# 4:2:0 with 8 and 10 bits.
declare -A played=([vp9]="hidden tenbit tilecols resize" [h264]="pyramid mbafftff tenbit change"
	[av1]="hidden tenbit grain resize")
reports=/tmp/reports
options=log_path=$reports/report
mkdir $reports

# start KIND ARGS...: the daemon of this build, with a device.
start() {
	local kind=$1
	shift
	ASAN_OPTIONS=$options:detect_leaks=1 UBSAN_OPTIONS=$options:print_stacktrace=1 TSAN_OPTIONS=$options \
		"$DAEDALUS_BUILD/$kind/daemon/daedalusd" --status-socket /tmp/status "$@" 2>/tmp/daemon.log &
	daemon=$!
	nodes_come 10
}
stop() {
	local status=0
	kill -TERM "$daemon" && wait "$daemon" || status=$?
	tail -n 20 /tmp/daemon.log
	return $status
}
no_report() {
	! compgen -G "$reports/*" || { cat $reports/*; false; }
}

clips_of() {
	local name
	for name in ${played[$1]}; do
		echo "$clips/$1/$name.${suffix[$1]}"
	done
}
# plays CODEC ARGS...: do all clips decode exactly?
plays() {
	local files
	mapfile -t files < <(clips_of "$1")
	timeout 120 "$e2e_programs/e2e-decode" --decoder "daedalus${1}dec" "${@:2}" "${files[@]}"
}
mutated() {
	local said
	said=$("$here/lib/fuzz_media.py" "$1" "$clips/$1" "daedalus${1}dec" "$decode_md5" \
		--seconds $((${DAEDALUS_FUZZ_SECONDS:-30} / 6)) --seed "$fuzz_seed" --slow 4)
	printf '%s\n' "$said"
	grep -q '^ok' <<<"$said" && ! grep -q '^not ok' <<<"$said"
}
# begin CODEC: a client that decodes four streams for long; its process goes to client.
begin() {
	local files
	mapfile -t files < <(for _ in {1..100}; do clips_of "$1"; done)
	"$e2e_programs/e2e-decode" --decoder "daedalus${1}dec" --streams 4 "${files[@]}" >/dev/null 2>&1 &
	client=$!
	sleep 1
	kill -0 $client
}
killed_client() {
	begin "$1" && kill -KILL $client
	wait $client
	[ $? -eq 137 ]
}
# crash PROCESS: a fault of the daemon or of a worker. A worker that has only just started
# dies of it without a report, so this hits one each second until there is a report.
crash() {
	local pid=$daemon
	for _ in {1..10}; do
		[ "$1" = daemon ] || pid=$(pgrep -P "$daemon" | head -n 1)
		kill -SEGV "$pid"
		for _ in {1..10}; do
			! compgen -G "$reports/*" || return 0
			sleep 0.1
		done
	done
	return 1
}
# crash_is_found PROCESS: if it is not, nothing that is said here would count.
crash_is_found() {
	local status=0
	begin h264
	crash "$1" || status=1
	kill -KILL $client
	wait $client
	cat $reports/* && grep -q SEGV $reports/* && rm $reports/* || status=1
	return $status
}

need_clips "${codecs[@]}"
echo "# seed $fuzz_seed"
# A sanitized decoder is slow.
echo 5000 >/sys/module/daedalus_v4l2/parameters/deadline_ms
for kind in asan tsan; do
	args=(--sandbox off --worker-memory 0)
	[ $kind = asan ] || args=(--in-process)
	check "$kind: the daemon" start $kind "${args[@]}"
	if [ $kind = asan ]; then
		check "$kind: a fault is found" crash_is_found worker
	else
		check "$kind: a fault is found" crash_is_found daemon
		wait "$daemon"
		check "$kind: its nodes go" nodes_go 10
		check "$kind: the daemon again" start $kind "${args[@]}"
	fi
	for codec in "${codecs[@]}"; do
		check "$kind: $codec decodes as four streams" plays "$codec" --streams 4
		check "$kind: mutated $codec" mutated "$codec"
		check "$kind: a $codec client is killed" killed_client "$codec"
		check "$kind: $codec decodes again" plays "$codec"
		check "$kind: no report after $codec" no_report
	done
	check "$kind: status" "$DAEDALUS_BUILD/user/daemon/ctl/daedalusctl" --socket /tmp/status status
	check "$kind: the daemon stops" stop
	check "$kind: no report at its end" no_report
done
tap_done
