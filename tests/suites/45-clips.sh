#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the clips that later suites decode, natively and once, and checks that
# each has what it is there for: an encoder may well do without it.
# where: root
# timeout: 300
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/e2e.sh
. "$here/lib/e2e.sh"

# has CLIP CONDITION: an awk condition on the counts in CLIP.features.
has() {
	cat "$clips/$1.features"
	awk '{ n[$1] = $2 } END { exit !('"$2"') }' "$clips/$1.features"
}

need_clips
check "hidden frames" has hidden 'n["hidden"] > 0 && n["key"] > 2'
check "frames shown by show_existing_frame" has existing 'n["existing"] > 0'
check "hidden frames with 10 bits" has tenbit 'n["hidden"] > 0 && n["key"] > 2'
check "tile columns" has tilecols 'n["cols"] >= 2 * n["frames"]'
check "tile rows" has tilerows 'n["rows"] >= 2 * n["frames"]'
check "another size on an inter frame" has resize 'n["inter_sizes"] > 0 && n["sizes"] > 1'
check "other sizes on key frames" has keysizes 'n["sizes"] == 5'
check "lossless frames" has lossless 'n["lossless"] == n["frames"]'
check "frame parallel decoding mode" has parallel 'n["parallel"] == n["frames"]'
check "backward adaptation" has hidden 'n["parallel"] == 0 && n["resilient"] == 0'
check "error resilient mode" has resilient 'n["resilient"] == n["frames"]'
check "segmentation" has segments 'n["segments"] > 0'
tap_done
