#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# All H.264 conformance streams through daedalush264dec, also interlaced ones: streams
# with 4:2:0 and 8 or 10 bits are exact, the others are refused with an error that
# names the reason. Streams that h264parse rejects go to the element without it.
# where: guest
# beside: yes
# lanes: uml qemu
# timeout: 600
# qemu-timeout: 1500
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/conformance.sh
. "$here/lib/conformance.sh"

conformance h264 daedalush264dec
