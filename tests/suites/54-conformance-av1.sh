#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# All AV1 conformance streams through daedalusav1dec, film grain and layers
# included: those with 4:2:0 and 8 or 10 bits are exact, the others are refused
# with an error that says why. One that av1parse rejects goes to the element
# without it.
# where: guest
# guest: --module-params deadline_ms=10000
# lanes: uml qemu
# timeout: 600
# qemu-timeout: 1500
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/conformance.sh
. "$here/lib/conformance.sh"

conformance av1 daedalusav1dec --named-refusals
