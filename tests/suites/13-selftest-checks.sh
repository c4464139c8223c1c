#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests of the tests: the checks that the suites share pass on good input and fail on
# seeded faults.
# where: root
# beside: yes
# kind: unit
# timeout: 120
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/e2e.sh
. "$here/lib/e2e.sh"
# shellcheck source=tests/suites/lib/conformance.sh
. "$here/lib/conformance.sh"
# shellcheck source=tests/suites/lib/compliance.sh
. "$here/lib/compliance.sh"
# shellcheck source=tests/suites/lib/run.sh
. "$here/lib/run.sh"
work=$(mktemp -d)

# fails NAME CMD...: CMD must fail, and with 1: anything else means that it did not run.
fails() { check "$1" ends_with 1 "${@:2}"; }

# The module's counters.
stats=$work/stats
printf '%s 0\n' contexts sessions jobs buffers nodes requests streams >"$stats"
check "at rest: all counters are 0" stats_at_rest
sed -i 's/^nodes 0/nodes 1/' "$stats"
check "at rest: the node of a daemon that runs" stats_at_rest
sed -i 's/^jobs 0/jobs 1/' "$stats"
fails "at rest: a counter stays 1" stats_at_rest
for name in contexts sessions buffers requests streams; do
	sed "s/^jobs 1/jobs 0/; s/^$name 0/$name 2/" "$stats" >"$work/one"
	fails "at rest: $name of 2" at_rest "$work/one"
	sed "s/^jobs 1/jobs 0/; /^$name /d" "$stats" >"$work/one"
	fails "at rest: no line of $name" at_rest "$work/one"
done
: >"$work/one"
fails "at rest: an empty file" at_rest "$work/one"
rm "$stats"
fails "at rest: no file" stats_at_rest

# The report of v4l2-compliance.
fake_report='' fake_status=0
v4l2-compliance() {
	printf '%s\n' "$fake_report"
	return $fake_status
}
total='Total for daedalus_v4l2 device /dev'
fake_report="$total/video0: 49, Succeeded: 49, Failed: 0, Warnings: 0"
check "compliance: 49 of 49" compliance 49
fake_report="$total/video0: 48, Succeeded: 48, Failed: 0, Warnings: 0"
fails "compliance: 48 of 48" compliance 49
fake_report="$total/video0: 49, Succeeded: 48, Failed: 1, Warnings: 0"
fails "compliance: a failure" compliance 49
fake_report="$total/video0: 49, Succeeded: 49, Failed: 0, Warnings: 1"
fails "compliance: a warning" compliance 49
fake_report="$total/media0: 8, Succeeded: 8, Failed: 0, Warnings: 0
$total/video0: 58, Succeeded: 58, Failed: 0, Warnings: 0
Grand $total/media0: 66, Succeeded: 66, Failed: 0, Warnings: 0"
check "compliance: a grand total" compliance 66
fails "compliance: a part of the total" compliance 58
fake_report=''
fails "compliance: no report" compliance 49
fake_report="$total/video0: 49, Succeeded: 49, Failed: 0, Warnings: 0" fake_status=1
fails "compliance: the status" compliance 49

# The status of "./dev run"; a fake DAEDALUS_REPO/dev takes its place.
mkdir "$work/repo"
# shellcheck disable=SC2016  # the script is to expand these
printf '#!/bin/sh\n%s\n' 'echo out; echo "$SAY" >&2; exit "$END"' >"$work/repo/dev"
chmod 755 "$work/repo/dev"
# as_dev END SAY CMD...
as_dev() { DAEDALUS_REPO=$work/repo END=$1 SAY=$2 "${@:3}"; }
check "run: the status and the words" as_dev 123 'it complained' run_ends 123 complained -- true
fails "run: another status" as_dev 0 'it complained' run_ends 123 complained -- true
fails "run: other words" as_dev 123 'nothing' run_ends 123 complained -- true
check "run: the output" as_dev 0 '' run_prints out -- true
fails "run: another output" as_dev 0 '' run_prints more -- true
fails "run: the output and a failure" as_dev 1 '' run_prints out -- true

# e2e-autoplug, with a software decoder. stalls REGEX ELEMENT: is there a failure as REGEX
# says if nothing reaches ELEMENT?
stalls() {
	local lines
	lines=$(timeout -k 5 60 "$e2e_programs/e2e-autoplug" --expect vp9dec --player playbin3 --patience 1500 \
		--stall "$2" "$work/short.webm" 2>&1)
	echo "status $?, $lines"
	grep -q "^not ok .*: $1\$" <<<"$lines"
}
ffmpeg -v error -f lavfi -i testsrc2=size=64x48:rate=25 -frames:v 8 -c:v libvpx-vp9 -pix_fmt yuv420p \
	"$work/short.webm" </dev/null
ffmpeg -v error -i "$work/short.webm" -f framemd5 -pix_fmt yuv420p - </dev/null |
	sed -n 's/^0,.*, *//p' >"$work/short.md5"
export GST_REGISTRY=$DAEDALUS_BUILD/registry.bin
check "autoplug: the software decoder" "$e2e_programs/e2e-autoplug" --expect vp9dec "$work/short.webm"
fails "autoplug: another decoder" "$e2e_programs/e2e-autoplug" --expect x264enc --player playbin \
	"$work/short.webm"
check "autoplug: a hang without a decoder" stalls 'no decoder within 1500 ms' vp9parse
check "autoplug: a hang with a decoder" stalls '0 of 8 frames from vp9dec within 9000 ms' vp9dec
check "autoplug: the source is ready long before the decoder" \
	"$e2e_programs/e2e-autoplug" --expect vp9dec --pause 500 "$work/short.webm"

# The output of a program of e2e/.
e2e_programs=$work
# program STATUS LINE...: stands for one.
program() {
	{
		printf '#!/bin/sh\n'
		[ $# -eq 1 ] || printf "echo '%s'\n" "${@:2}"
		echo "exit $1"
	} >"$work/program"
	chmod 755 "$work/program"
}
# says REGEX...: does e2e print a line for each, and no other?
says() {
	local lines regex n=0
	mapfile -t lines < <(e2e prefix program 2>/dev/null | grep -v '^# \(=\|command\)')
	printf '%s\n' "${lines[@]}"
	[ "${#lines[@]}" -ge $# ] || return 1
	for regex; do
		[[ ${lines[n++]} =~ $regex ]] || return 1
	done
}
program 0 'ok a' 'noise' 'ok b'
check "e2e: two results" says '^ok [0-9]+ - prefix: a # exact$' '^ok [0-9]+ - prefix: b # exact$'
program 1 'not ok a: why'
check "e2e: a failure" says '^not ok [0-9]+ - prefix: a: why$'
program 1 'ok a'
check "e2e: a status without a failure" says '^ok' '^not ok .* ended with status 1 after 1 results$'
program 0 'not ok a: why'
check "e2e: a failure without a status" says '^not ok' '^not ok .* ended with status 0 after 1 results$'
program 0
check "e2e: no result" says '^not ok .* ended with status 0 after 0 results$'
program 77 'no such memory'
check "e2e: cannot run" says '^ok .* # SKIP no such memory$'
program 0 '# RETRY a: hung' 'ok a'
check "e2e: a retry is told" says '^# RETRY prefix: a: hung$' '^ok'

# kill.py, with a fake client, module and rmmod.
for name in $(python3 -B "$here/lib/selftest_kill.py" --list); do
	check "kill: ${name//_/ }" python3 -B "$here/lib/selftest_kill.py" "KillTest.test_$name"
done
rm -rf "$work"
tap_done
