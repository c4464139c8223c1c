#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# All VP9 conformance streams through daedalusvp9dec: streams with 4:2:0 and 8 or 10
# bits are exact, the others are refused with an error that names the reason.
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

conformance vp9 daedalusvp9dec
