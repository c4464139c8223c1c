#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The unit tests of userspace, built without and with the sanitizers.
# where: root
# kind: unit
# build: asan
# timeout: 900
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"

# Any report of a sanitizer ends the test that caused it.
export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS=suppressions=$here/lib/lsan.supp:print_suppressions=0
export GST_REGISTRY=$DAEDALUS_BUILD/registry.bin

# unit_tests BUILD LABEL: one TAP line for each test that meson ran.
unit_tests() {
	local name result reason tests=0 bad=0 status=0
	rm -f "$1/meson-logs/testlog.json"
	meson test -C "$1" --no-rebuild --print-errorlogs --timeout-multiplier 3 >"$tap_output" 2>&1 ||
		status=$?
	cat "$tap_output" >&2
	while IFS=$'\t' read -r result name reason; do
		tests=$((tests + 1))
		case $result in
		OK) ok "$2: $name" ;;
		SKIP) skip "$2: $name" "$reason" ;;
		*)
			not_ok "$2: $name ($result)" "$tap_output"
			bad=1
			;;
		esac
	done < <(python3 -c '
import json, sys
for line in open(sys.argv[1]):
    test = json.loads(line)
    said = test.get("stdout", "").strip().splitlines() or ["it does not say why"]
    print(test["result"], test["name"], said[-1], sep="\t")' "$1/meson-logs/testlog.json")
	[ $tests -gt 0 ] || not_ok "$2: no test ran" "$tap_output"
	[ $((status != 0)) -eq $bad ] || not_ok "$2: meson test ended with status $status" "$tap_output"
}

unit_tests "$DAEDALUS_BUILD/user" plain
unit_tests "$DAEDALUS_BUILD/asan" sanitized
tap_done
