# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Tests in Python as checks. Source tap.sh first.

# python_tests LEAST PROGRAM ARGS...: a TAP line for each line without a number that the
# program prints. It has at least LEAST tests.
python_tests() {
	local least=$1 lines=0 line
	shift
	while IFS= read -r line; do
		case $line in
		'ok '*) ok "${line#ok }" ;;
		'not ok '*) not_ok "${line#not ok }" ;;
		*)
			echo "$line"
			continue
			;;
		esac
		lines=$((lines + 1))
	done < <("$@" || echo "not ok ${1##*/} ended with status $?")
	[ $lines -ge "$least" ] || not_ok "only $lines tests of ${1##*/}"
}
