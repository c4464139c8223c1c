#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# H.264, interlaced included, through GStreamer's own stateless client.
# validate/excuses.json lists what that element cannot do.
# where: guest
# beside: yes
# lanes: uml
# timeout: 600
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/conformance.sh
. "$here/lib/conformance.sh"

conformance h264 v4l2slh264dec
