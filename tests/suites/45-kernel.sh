#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The module, with test programs as both its client and its daemon.
# where: guest
# kind: unit
# lanes: uml kasan qemu
# guest: --no-daemon
# timeout: 300
exec "$DAEDALUS_BUILD/user/tests/kernel/kernel-tests"
