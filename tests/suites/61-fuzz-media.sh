#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Mutated streams of all codecs through the whole stack: each ends soon, with an error
# that says why or with frames; good streams between them are exact, and nothing is left.
# where: guest
# beside: yes
# kind: survived
# guest: --mem 4G
# timeout: 900
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/e2e.sh
. "$here/lib/e2e.sh"
# shellcheck source=tests/suites/lib/conformance.sh
. "$here/lib/conformance.sh"
# shellcheck source=tests/suites/lib/fuzz.sh
. "$here/lib/fuzz.sh"

codecs=(vp9 h264 av1)
need_clips "${codecs[@]}"
echo "# seed $fuzz_seed"
# A slow guest decodes slowly too.
echo $((900 * fuzz_slow)) >/sys/module/daedalus_v4l2/parameters/deadline_ms
for codec in "${codecs[@]}"; do
	while IFS= read -r line; do
		case $line in
		'ok '*) ok "$codec: ${line#ok }" ;;
		'not ok '*) not_ok "$codec: ${line#not ok }" ;;
		*) echo "$line" ;;
		esac
	done < <("$here/lib/fuzz_media.py" "$codec" "$clips/$codec" "daedalus${codec}dec" \
		"$decode_md5" --seconds $((${DAEDALUS_FUZZ_SECONDS:-30} / ${#codecs[@]})) \
		--seed "$fuzz_seed" --slow "$fuzz_slow" ${DAEDALUS_FUZZ_ONLY:+--only "$DAEDALUS_FUZZ_ONLY"} ||
		echo "not ok fuzz_media.py ended with status $?")
	check "the module is at rest after $codec" stats_at_rest
done
tap_done
