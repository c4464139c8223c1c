#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# All AV1 conformance streams through daedalusav1dec, film grain and layers
# included: streams with 4:2:0 and 8 or 10 bits are exact, the others are refused
# with an error that names the reason. Streams that av1parse rejects go to the element
# without it. The deadline of a job is 5 s: a frame of 3840x2160 with 10 bits takes 1
# to 3 s in User-mode Linux on a busy machine, because every first write to a page of
# memory faults. With a deadline of 2 s, one run in four was late.
# where: guest
# beside: yes
# guest: --module-params deadline_ms=5000
# lanes: uml qemu
# timeout: 600
# qemu-timeout: 1500
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/conformance.sh
. "$here/lib/conformance.sh"

conformance av1 daedalusav1dec
