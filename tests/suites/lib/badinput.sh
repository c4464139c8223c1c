# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Broken streams as checks. Source tap.sh, e2e.sh and conformance.sh first.
# shellcheck disable=SC2154  # here, clips, decode_md5

# broken_streams CODEC ELEMENT ARGS...: a TAP line for each line of badinput.py.
broken_streams() {
	local codec=$1 element=$2 label line lines=0 least=55
	[ -z "${DAEDALUS_FULL:-}" ] || least=80
	shift 2
	label="$element${*:+ $*}"
	while IFS= read -r line; do
		[[ $line != '# '* ]] || { echo "$line"; continue; }
		lines=$((lines + 1))
		case $line in
		*'# SKIP '*) skip "$label: $(sed -E 's/^ok (.*) # SKIP .*/\1/' <<<"$line")" "${line#*# SKIP }" ;;
		'ok '*) ok "$label: ${line#ok }" ;;
		'not ok '*) not_ok "$label: ${line#not ok }" ;;
		*) not_ok "$label: no result: $line" ;;
		esac
	done < <("$here/lib/badinput.py" "$codec" "$clips/$codec" "$element" "$decode_md5" "$@" ||
		echo "not ok badinput.py ended with status $?")
	[ $lines -gt "$least" ] || not_ok "$label: only $lines results"
}
