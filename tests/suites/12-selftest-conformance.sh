#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests of the tests: seeded faults in the input of conformance.py, engine_vectors.sh
# and "./dev test" must make them fail, and the results must be of the right kind.
# where: root
# beside: yes
# kind: unit
# timeout: 120
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/python.sh
. "$here/lib/python.sh"
repo=$DAEDALUS_REPO
work=$(mktemp -d)
trap 'rm -rf "$tap_output" "$work"' EXIT

# runner.py and verdict.py, by which the suites judge streams, excuses and retries.
python_tests 17 "$here/lib/selftest_conformance.py" "$DAEDALUS_BUILD/user/validate/decode-md5"

# How "./dev test" counts. counted WANTED STATUS KIND LINE...: a suite with the LINEs.
REPO=$repo
# shellcheck source=tests/vm/lib.sh
. "$repo/tests/vm/lib.sh"
# shellcheck source=tests/vm/suites.sh
. "$repo/tests/vm/suites.sh"
counted() {
	local wanted=$1 status=$2 kind=$3 found
	shift 3
	printf '%s\n' "$@" >"$work/tap"
	found=$(suite_count "$work/tap" "$status" "$kind" | LC_ALL=C sort | paste -sd ';')
	echo "wanted: $wanted; found: $found"
	[ "$found" = "$wanted" ]
}
check "results by kind" counted 'count 7 0 1 0;kind check 2;kind exact 2;kind excused 1;kind refused 1;kind survived 1' \
	0 check 'ok 1 - a' 'ok 2 - b # exact' 'ok 3 - c # refused: no # exact' 'ok 4 - d # excused: it is slow' \
	'ok 5 - e # SKIP no file' 'ok 6 - f # 33 s' 'ok 7 - g # survived' 'ok 8 - h # exact' 1..8
check "the kind of a suite" counted 'count 2 0 0 0;kind exact 1;kind unit 1' 0 unit 'ok 1' 'ok 2 - b # exact' 1..2
check "a kind that there is not" counted 'count 1 1 0 0;kind odd 1;why there is no kind odd' 0 odd 'ok 1 - a' 1..1
check "retries" counted 'count 1 0 0 2;kind check 1' 0 check '# RETRY a: late' '# no RETRY' '# RETRY b' 'ok 1 - a' 1..1
check "a failure" counted 'count 1 1 0 0;kind check 1' 1 check 'ok 1 - a' 'not ok 2 - b # exact' 1..2
check "a plan that was not kept" counted 'count 1 1 0 0;kind check 1;why its plan says 2, it reported 1' \
	0 check 'ok 1 - a' 1..2
check "no plan" counted 'count 1 1 0 0;kind check 1;why it ended without a plan after 1 results' 0 check 'ok 1 - a'
check "no result" counted 'count 0 1 0 0;why it reported nothing;why its plan says 1, it reported 0' 0 check 1..1
check "a status" counted 'count 1 1 0 0;kind check 1;why it ended with status 3' 3 check 'ok 1 - a' 1..1

# What "./dev test" shows of the log of a suite that failed.
reason() {
	printf '%s\n' "$1" >"$work/log"
	suite_reason "$work/log" | paste -sd ' '
}
check "the reason that a log names" test "$(reason $'a\nFAILED in b\nc')" = "FAILED in b c"
check "the end of a log that names no reason" test "$(reason "$(seq 30)")" = "$(seq 6 30 | paste -sd ' ')"
check "a short log" test "$(reason $'a\nb')" = "a b"

# The last lines of "./dev test". summed REPORT WANTED...: each WANTED is a line of REPORT's
# summary.
summed() {
	local wanted found
	rm -rf "$work/logs"
	mkdir "$work/logs"
	printf '%s\n' "$1" >"$work/logs/some-uml.tap"
	found=$(
		# shellcheck disable=SC2034  # for suite_add
		why=() count=()
		suite_add "$work/logs/some-uml.tap" 0 check
		summary "$work/logs"
	)
	echo "$found"
	shift
	for wanted; do
		grep -qxF -- "$wanted" <<<"$found" || { echo "no line: $wanted"; return 1; }
	done
	[ "$(tail -n 1 <<<"$found")" = "${*: -1}" ]
}
check "the summary" summed $'ok 1 - a # exact\nok 2 - b\n# RETRY b: late\nok 3 - c # exact\nok 4 - d # SKIP no file: d\nok 5 - e # SKIP no file: e\n1..5' \
	"passed:     2 exact     ${KINDS[exact]}" "passed:     1 check     ${KINDS[check]}" \
	"tried again: some-uml: b: late" "tried again: 1 times" "not run: some-uml: 2 results: no file" \
	"3 passed, 0 failed, 2 skipped"

# Suites that run beside each other. started_suites: a and b may, c may not, and d fails.
started_suites() {
	(
		declare -A running=()
		# shellcheck disable=SC2034  # for suite_run and suite_report
		TEST_LOGS=$work/suites passed=0 failed=0
		rm -rf "$work/suites"
		mkdir "$work/suites"
		nproc() { echo 2; }
		suite_execute() {
			echo "begin" >>"$work/suites/order"
			sleep 0.5
			echo "end" >>"$work/suites/order"
			printf '%s\n' 'ok 1 - x' '1..1'
			[[ $1 != *d.sh ]]
		}
		for name in a b c d; do
			printf '#!/bin/bash\n' >"$work/suites/10-$name.sh"
			[[ $name != [ab] ]] || echo '# beside: yes' >>"$work/suites/10-$name.sh"
			suite_start "$work/suites/10-$name.sh" uml >/dev/null
		done
		suite_wait 0 >/dev/null
		echo "$(paste -sd ' ' "$work/suites/order"), $passed passed, $failed failed"
	)
}
check "suites beside each other" test "$(started_suites)" = \
	"begin begin end end begin end begin end, 4 passed, 1 failed"

# A guest that had to be started again. started TRIES: the output of guest_run.
# shellcheck source=tests/vm/guest.sh
. "$repo/tests/vm/guest.sh"
started() {
	(
		# shellcheck disable=SC2034  # for guest_run
		BUILD=/ VECTORS='' LANE_DIR=/ CACHE=$work LOGS=$work tries=0 wanted=$1
		shown=()
		guest_defaults
		G_TAP=yes
		guest_try() {
			tries=$((tries + 1))
			: >"$2/kernel.log"
			[ "$tries" -ge "$wanted" ] || return "$EXIT_GUEST"
		}
		guest_run true && echo "ok after $tries"
	)
}
check "a guest that starts" test "$(started 1)" = "ok after 1"
check "a guest that starts again" test "$(started 2)" = \
	$'# RETRY the guest: its kernel died before the first process\nok after 2'
check "a guest that never starts" test "$(started 4 | grep -c '^# RETRY ')$(started 4 | grep -c ok)" = 20

# Streams that are missing. missing VECTORS CI: the report of all VP9 streams; its status.
missing() {
	(
		DAEDALUS_VECTORS=$1 CI=$2 DAEDALUS_LANE=root
		export CI
		# shellcheck source=tests/suites/lib/conformance.sh
		. "$here/lib/conformance.sh"
		# shellcheck disable=SC2034  # for conformance
		tap_count=0 stats=''
		conformance vp9 daedalusvp9dec
	)
}
# missing_are FIRST COUNT VECTORS CI: COUNT results, and each begins with FIRST.
missing_are() {
	local found
	found=$(missing "$3" "$4")
	tail -n 3 <<<"$found"
	[ "$(grep -cE "^$1" <<<"$found")" -eq "$2" ]
}
streams=$(grep -c '"input_file"' "$repo/validate/vp9.json")
mkdir "$work/vectors"
check "no folder of streams" missing_are "ok 1 - $streams streams of vp9.json .* # SKIP " 1 '' ''
check "no folder of streams, in CI" missing_are 'ok .* # SKIP no conformance streams' 1 '' true
check "a folder without the streams" missing_are 'ok .* # SKIP not in the folder' "$streams" "$work/vectors" ''
check "a folder without the streams, in CI" missing_are 'not ok' "$streams" "$work/vectors" true

# The engines' own runner. engine CODEC PIXELS SCRIPT [CI]: one stream, of the list's MD5
# if it is decoded to "right", through a program that is SCRIPT.
engine() {
	local md5 status=0
	md5=$(printf right | md5sum | cut -c1-32)
	printf 'clip.264\t%s\tx\t%s\t16x16\t1\tx\t%s\tx\tx\t\tx\n' "$1" "$2" "$md5" >"$work/vectors/vectors.tsv"
	# A second stream, which is always right.
	printf 'good.264\t%s\tx\tyuv420p\t16x16\t1\tx\t%s\tx\tx\t\tx\n' "$1" "$md5" >>"$work/vectors/vectors.tsv"
	cat >"$work/program" <<-END
		#!/bin/bash
		said() { echo "1 frames, \$1 with errors"; }
		if [[ \$2 == */good.264 ]]; then printf right >"\$3"; said 0; exit; fi
		$3
	END
	chmod +x "$work/program"
	engine_vectors "$1" "$work/program" "$work/vectors" "$work/engine" 1 || status=$?
	return $status
}
engine_vectors() { DAEDALUS_VECTORS='' "$repo/tests/daemon/codec/engine_vectors.sh" "$@"; }
# fails CMD...: with the status of a failure.
fails() {
	local status=0
	"$@" || status=$?
	[ $status -eq 1 ]
}
# shellcheck disable=SC2016  # the program expands them
for codec in h264 av1; do
	right='printf right >"$3"; said 0'
	check "engine $codec: exact" engine $codec yuv420p "$right"
	check "engine $codec: exact, then a crash" fails engine $codec yuv420p "$right; kill -SEGV \$\$"
	check "engine $codec: exact, then a hang" fails engine $codec yuv420p "$right; sleep 30"
	check "engine $codec: exact, then a failure" fails engine $codec yuv420p "$right; exit 1"
	check "engine $codec: not loaded" fails engine $codec yuv420p "$right; exit 77"
	check "engine $codec: wrong" fails engine $codec yuv420p 'printf wrong >"$3"; said 0'
	check "engine $codec: no output" fails engine $codec yuv420p 'said 0'
	check "engine $codec: refused" engine $codec yuv444p 'echo "1 ns: status 3: no"; said 1'
	check "engine $codec: refused, then a crash" fails engine $codec yuv444p \
		'echo "1 ns: status 3: no"; kill -SEGV $$'
	check "engine $codec: refused, then a hang" fails engine $codec yuv444p 'echo "1 ns: status 3: no"; sleep 30'
	check "engine $codec: refused with output" fails engine $codec yuv444p \
		'echo "1 ns: status 3: no"; printf right >"$3"'
	check "engine $codec: not refused" fails engine $codec yuv444p 'said 0'
done
# shellcheck disable=SC2016  # the program expands it
check "engine av1: exact, a frame flagged" fails engine av1 yuv420p 'printf right >"$3"; said 1'
named_folder() {
	engine av1 yuv420p "$right" && DAEDALUS_VECTORS=$work/vectors \
		"$repo/tests/daemon/codec/engine_vectors.sh" av1 "$work/program" /nowhere "$work/engine" 1
}
check "engine: the folder that ./dev names" named_folder
rm "$work/vectors/vectors.tsv"
# no_table STATUS CI: the status for a folder without the table of streams.
no_table() {
	local status=0
	CI=$2 engine_vectors h264 true "$work/vectors" "$work/engine" || status=$?
	[ $status -eq "$1" ]
}
check "engine: no table of streams" no_table 77 ''
check "engine: no table of streams, in CI" no_table 1 true
tap_done
