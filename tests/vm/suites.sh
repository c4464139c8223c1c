# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# "./dev test": finds the suites in tests/suites, runs each in its lanes and adds up
# their results. Sourced by dev. tests/README.md describes the format of a suite.
# shellcheck disable=SC2034  # variables that dev and guest.sh read

SUITES=$REPO/tests/suites
passed=0 failed=0 skipped=0 retries=0
declare -A passed_kind=()
# The suites that run: their processes, and "LANE FILE".
declare -A running=()

# suite_name FILE: 40-compliance.sh is "compliance".
suite_name() {
	local name=${1##*/}
	name=${name#[0-9][0-9]-}
	printf '%s' "${name%.*}"
}
# suite_field FILE FIELD DEFAULT: prints the value of a "# FIELD: value" line among
# the first lines of the suite.
suite_field() {
	local value
	value=$(sed -nE "1,25s/^# $2: *(.*[^ ]) *\$/\1/p" "$1" | head -n 1)
	printf '%s' "${value:-$3}"
}

# What a passed result says, see tests/README.md. A suite names its kind in its head,
# a result another one behind its name.
declare -A KINDS=(
	[exact]="all samples are those of the reference"
	[refused]="an error; one of ours names what is not supported"
	[excused]="a fault of an element that is not ours, just as it is recorded"
	[survived]="something broken ended, and left nothing behind"
	[unit]="a unit test"
	[build]="a build, or what a checker finds in the source"
	[check]="anything else that has to hold"
)
KIND_ORDER=(exact refused excused survived unit build check)

# suite_count TAP STATUS KIND: prints "count PASSED FAILED SKIPPED RETRIES", "kind KIND
# PASSED" for each kind of result, KIND where the result names none, and "why TEXT" for
# what went wrong with the suite as a whole.
suite_count() {
	awk -v status="$2" -v suite_kind="$3" -v kinds="${KIND_ORDER[*]}" '
		BEGIN {
			for (i = split(kinds, names, " "); i > 0; i--) known[names[i]] = 1
			if (!(suite_kind in known)) why[++n] = "there is no kind " suite_kind
		}
		# "ok 1 - what # KIND" or "... # KIND: more"
		function kind_of(line,   word) {
			if (!match(line, / # [a-z]+(:|$)/)) return suite_kind
			word = substr(line, RSTART + 3, RLENGTH - 3)
			sub(/:$/, "", word)
			return word in known ? word : suite_kind
		}
		/^1\.\.[0-9]+/ {
			plan = substr($1, 4) + 0; planned = 1
			if (plan == 0) { none = 1; if (/# *[Ss][Kk][Ii][Pp]/) skipped++ }
		}
		/^ok( |$)/ {
			if (/# *[Ss][Kk][Ii][Pp]/) skipped++
			else { passed++; of_kind[kind_of($0)]++ }
		}
		/^not ok( |$)/ { failed++ }
		/^# RETRY / { retries++ }
		/^Bail out!/ { why[++n] = $0 }
		END {
			run = passed + failed + skipped
			if (!planned) why[++n] = "it ended without a plan after " run + 0 " results"
			else if (none ? run > 1 : plan != run) why[++n] = "its plan says " plan ", it reported " run + 0
			if (run == 0) why[++n] = "it reported nothing"
			if (status != 0) why[++n] = "it ended with status " status
			# Failures of the whole count as one. Status 1 alone does not
			# count if the suite has reported failures.
			if (n && !(n == 1 && status == 1 && failed)) failed++
			else n = 0
			print "count", passed + 0, failed + 0, skipped + 0, retries + 0
			for (kind in of_kind) print "kind", kind, of_kind[kind]
			for (i = 1; i <= n; i++) print "why", why[i]
		}' "$1"
}

# Variables that suites in a guest get from the caller, if they are set.
SUITE_ENV=(DAEDALUS_FULL DAEDALUS_ONLY DAEDALUS_SEED DAEDALUS_FUZZ_SECONDS DAEDALUS_FUZZ_ONLY DAEDALUS_SLOW DAEDALUS_KILL_ROUNDS)

# suite_execute FILE LANE: run the suite, with TAP on stdout.
suite_execute() {
	local file=$1 lane=$2 args limit name
	limit=$(suite_field "$file" timeout 1200)
	[[ $lane != @(kasan|qemu) ]] ||
		limit=$(suite_field "$file" "$lane-timeout" $((limit * 4)))
	# A suite that attacks for a given time gets this time on top.
	limit=$((limit + ${DAEDALUS_FUZZ_SECONDS:-0}))
	if [ "$lane" = host ]; then
		timeout -k 5 "$limit" env DAEDALUS_LANE=host "CI=${CI:-}" "DAEDALUS_REPO=$REPO" \
			"DAEDALUS_BUILD=$BUILD" "$file"
	elif [ "$lane" = root ]; then
		in_root -w "$BUILD" -- timeout -k 5 "$limit" env DAEDALUS_LANE=root "CI=${CI:-}" "DAEDALUS_REPO=$REPO" \
			"DAEDALUS_BUILD=$BUILD" "DAEDALUS_VECTORS=$VECTORS" \
			"DAEDALUS_KDIR=$LANE_DIR/kdir" "$file"
	else
		read -r -a args <<<"$(suite_field "$file" guest '')"
		guest_defaults
		options "${args[@]}"
		G_LANE=$lane G_TAP=yes
		G_ENV+=("CI=${CI:-}")
		for name in "${SUITE_ENV[@]}"; do
			[ -z "${!name:-}" ] || G_ENV+=("$name=${!name}")
		done
		G_TIMEOUT=$limit
		G_LOG=$TEST_LOGS/$(suite_name "$file")-$lane.kernel.log
		prepare_guest
		guest_run "$file"
	fi
}

# suite_add TAP STATUS KIND: count a suite; what went wrong with it goes to the array why,
# its own counts to count.
suite_add() {
	local what rest kind n
	why=()
	while read -r what rest; do
		case $what in
		count)
			read -r -a count <<<"$rest"
			passed=$((passed + count[0])) failed=$((failed + count[1]))
			skipped=$((skipped + count[2])) retries=$((retries + count[3]))
			;;
		kind)
			read -r kind n <<<"$rest"
			passed_kind[$kind]=$((${passed_kind[$kind]:-0} + n))
			;;
		why) why+=("$rest") ;;
		esac
	done < <(suite_count "$@")
}

# suite_skips TAP: "WHAT <tab> REASON" for each result that was skipped.
suite_skips() {
	sed -nE -e 's/^ok [0-9]* *(- )?(.*[^ ]) *# *[Ss][Kk][Ii][Pp] */\2\t/p' \
		-e 's/^1\.\.0 *# *[Ss][Kk][Ii][Pp] */all of it\t/p' "$1"
}

# suite_reason LOG: why a suite failed, as far as its log tells: what follows the first
# "FAILED", else the end.
suite_reason() {
	tr '\r' '\n' <"$1" | awk '
		/^FAILED/ { found = 1 }
		found { if (++n <= 40) print; next }
		{ last[++lines % 25] = $0 }
		END { if (!found) for (i = lines > 25 ? lines - 24 : 1; i <= lines; i++) print last[i % 25] }
	' | cut -c1-200
}

# suite_run FILE LANE: run the suite. Its report, its log, its status and the time that it
# took go to files.
suite_run() {
	local to status=0 start
	# bash lets what runs in the background ignore them.
	trap - INT QUIT
	to=$TEST_LOGS/$(suite_name "$1")-$2
	start=$(now)
	(suite_execute "$1" "$2") >"$to.tap" 2>"$to.log" </dev/null || status=$?
	echo "$status $(since "$start")" >"$to.status"
}

# suite_report FILE LANE: print the results of a suite that has run.
suite_report() {
	local file=$1 lane=$2 name tap log status took why=() count=()
	name=$(suite_name "$file")-$lane
	tap=$TEST_LOGS/$name.tap log=$TEST_LOGS/$name.log
	read -r status took <"$TEST_LOGS/$name.status" || status=255 took=''
	suite_add "$tap" "$status" "$(suite_field "$file" kind check)"
	printf '%-27s %4d passed, %d failed, %d skipped  (%s)\n' "$name" "${count[@]:0:3}" "$took"
	suite_skips "$tap" | sed -e 's/\t/: /' -e 's/^/    skipped: /' | head -n 20
	sed -n 's/^# RETRY /    tried again: /p' "$tap" | cut -c1-200 | head -n 20
	[ "${count[1]}" -gt 0 ] || return 0
	awk '/^not ok/ { show = 1; print "    " $0; next } /^#/ && show { print "      " $0; next } { show = 0 }' \
		"$tap" | head -n 120
	[ ${#why[@]} -eq 0 ] || printf '    the suite itself: %s\n' "${why[@]}"
	suite_reason "$log" | sed 's/^/      | /'
	printf '    logs: %s %s\n' "$tap" "$log"
}

# suite_wait N: wait until at most N suites run, and report those that have ended.
suite_wait() {
	local pid lane file
	while [ ${#running[@]} -gt "$1" ]; do
		for pid in "${!running[@]}"; do
			kill -0 "$pid" 2>/dev/null && continue
			read -r lane file <<<"${running[$pid]}"
			unset "running[$pid]"
			suite_report "$file" "$lane"
		done
		sleep 0.1
	done
}

# suite_start FILE LANE: run the suite as soon as it may. A suite with "# beside: yes" may
# run beside another one, as a guest of User-mode Linux seldom keeps two processors busy.
suite_start() {
	local others=0
	[[ $2 != @(root|uml) || $(suite_field "$1" beside no) = no ]] || others=1
	[ "$(nproc)" -gt 1 ] || others=0
	suite_wait $others
	say "suite $(suite_name "$1")-$2 ..."
	suite_run "$@" &
	running[$!]="$2 $1"
	suite_wait $others
}

# summary FOLDER: the last lines. In FOLDER are the suites' reports.
summary() {
	local kind tap
	for kind in "${KIND_ORDER[@]}"; do
		[ -z "${passed_kind[$kind]:-}" ] ||
			printf 'passed: %5d %-8s  %s\n' "${passed_kind[$kind]}" "$kind" "${KINDS[$kind]}"
	done
	for tap in "$1"/*.tap; do
		sed -n "s/^# RETRY /tried again: $(basename "$tap" .tap): /p" "$tap" | cut -c1-160
	done
	printf 'tried again: %d times\n' "$retries"
	for tap in "$1"/*.tap; do
		# Alike is what has the same reason, up to its details.
		suite_skips "$tap" | awk -F '\t' -v suite="$(basename "$tap" .tap)" '
			{ reason = $2; sub(/: .*/, "", reason); n[reason]++; what[reason] = $1 }
			END {
				for (reason in n)
					print "not run: " suite ": " (n[reason] > 1 ? n[reason] " results" : what[reason]) ": " reason
			}'
	done
	printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
}

# suite_wanted FILE: is the suite named on the command line, or is none named?
suite_wanted() {
	local name
	[ ${#REST[@]} -gt 0 ] || return 0
	for name in "${REST[@]}"; do
		[ "$name" = "$(suite_name "$1")" ] && return 0
	done
	return 1
}

# suite_in_lane FILE LANE: does LANE run the suite? "--lane kasan" runs all that User-mode
# Linux runs.
suite_in_lane() {
	local lanes
	lanes=" $(suite_field "$1" lanes uml) ${FULL:+$(suite_field "$1" full-lanes '')} "
	[[ $lanes == *" $2 "* ]] || [[ $2$LANE_GIVEN == kasankasan && $lanes == *" uml "* ]]
}

cmd_test() {
	local file name lane where files=() runs=() run known=' ' start
	start=$(now)
	for file in "$SUITES"/[0-9][0-9]-*; do
		known+="$(suite_name "$file") "
		if [ -n "$LIST" ]; then
			printf '%-23s %-6s lanes: %s\n' "$(suite_name "$file")" \
				"$(suite_field "$file" where guest)" "$(suite_field "$file" lanes uml)"
		elif suite_wanted "$file"; then
			files+=("$file")
		fi
	done
	[ -z "$LIST" ] || return 0
	[ -z "$FULL" ] ||
		export DAEDALUS_FULL=yes DAEDALUS_FUZZ_SECONDS="${DAEDALUS_FUZZ_SECONDS:-600}"
	for name in "${REST[@]}"; do
		[[ $known == *" $name "* ]] || die "no suite $name; there are:$known"
	done
	TEST_LOGS=$LOGS/test-$(date +%Y%m%d-%H%M%S)-$$
	mkdir -p "$TEST_LOGS"

	for lane in root host uml kasan qemu; do
		# Suites that run in no guest need no kernel; --lane uml includes them.
		[ -z "$LANE_GIVEN" ] || [ "$lane" = "$LANE_GIVEN" ] ||
			[[ $lane$LANE_GIVEN == @(root|host)uml ]] || continue
		for file in "${files[@]}"; do
			where=$(suite_field "$file" where guest)
			if [ "$where" != guest ]; then
				[ $lane = "$where" ] || continue
			else
				suite_in_lane "$file" "$lane" || continue
			fi
			runs+=("$lane $file")
		done
	done
	for run in "${runs[@]}"; do
		read -r lane file <<<"$run"
		suite_prepare "$lane" "$file"
		[ "$run" != "${runs[0]}" ] || build_ahead "${runs[@]}"
		suite_start "$file" "$lane"
	done
	suite_wait 0
	say "all suites took $(since "$start"); their logs: $TEST_LOGS"
	summary "$TEST_LOGS"
	[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
}

# build_ahead RUN...: make the kernels that later suites need while the first ones run, at
# low priority. A RUN is "LANE FILE".
build_ahead() {
	local lane
	(
		renice -n 19 -p "$BASHPID" >/dev/null
		for lane in kasan qemu; do
			! printf '%s\n' "$@" | grep -q "^$lane " || prepare "$lane"
		done
	) &
	# shellcheck disable=SC2064  # expand the variable now
	trap "kill $! 2>/dev/null || true" EXIT
}

# suite_prepare LANE FILE: build before the suite starts, so that progress lines are shown.
suite_prepare() {
	local kind kinds
	guest_defaults
	[[ $1 == @(root|host) ]] || G_LANE=$1
	prepare_guest
	read -r -a kinds <<<"$(suite_field "$2" build '')"
	for kind in "${kinds[@]}"; do
		build_sanitized "$kind"
	done
}
