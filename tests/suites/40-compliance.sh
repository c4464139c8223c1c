#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# v4l2-compliance on the video node and, with streaming, on the media node. All tests
# run, without a failure or a warning.
# where: guest
# lanes: uml kasan qemu
# timeout: 600
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/device.sh
. "$here/lib/device.sh"
# shellcheck source=tests/suites/lib/compliance.sh
. "$here/lib/compliance.sh"

video=$(video_node)
media=$(media_node)
check "v4l2-compliance -d video, 49 tests" compliance 49 -d "$video"
check "v4l2-compliance -m media -s, 66 tests" compliance 66 -m "$media" -s
tap_done
