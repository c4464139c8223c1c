#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each memory allocation of each call of a client and its daemon fails once. The call may
# fail then; it succeeds when it is repeated, and nothing is left.
# where: guest
# kind: survived
# lanes: uml kasan
# guest: --no-daemon
# timeout: 600
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/fuzz.sh
. "$here/lib/fuzz.sh"
kernel_fuzz 0 fault
