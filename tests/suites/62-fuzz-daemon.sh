#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A hostile daemon: forged, stale and double replies, foreign buffers, hellos of noise, while
# a simple client streams and hostile ones attack. No call hangs, nothing is left.
# where: guest
# kind: survived
# lanes: uml kasan qemu
# guest: --no-daemon --mem 4G
# timeout: 300
# qemu-timeout: 900
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/fuzz.sh
. "$here/lib/fuzz.sh"
kernel_fuzz 25 daemon --daemon "$DAEDALUS_BUILD/user/daemon/daedalusd"
