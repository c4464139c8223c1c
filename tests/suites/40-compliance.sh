#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# v4l2-compliance on the video node alone and, through the media node, with
# streaming: no failure and no warning.
# where: guest
# lanes: uml qemu
# timeout: 600
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/device.sh
. "$here/lib/device.sh"

# All tests of one run counted, none failed, none warned about.
compliance() {
	v4l2-compliance "$@" | tee "$tap_output.run"
	awk '/^(Grand )?Total for / { total = $0 }
	     END { exit total !~ /Failed: 0, Warnings: 0$/ }' "$tap_output.run"
}

video=$(video_node)
media=$(media_node)
check "v4l2-compliance -d video" compliance -d "$video"
check "v4l2-compliance -m media -s" compliance -m "$media" -s
rm -f "$tap_output.run"
tap_done
