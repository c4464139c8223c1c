#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The module between a client and a daemon that are both played by the tests.
# where: guest
# kind: unit
# lanes: uml qemu
# guest: --no-daemon
# timeout: 300
exec "$DAEDALUS_BUILD/user/tests/kernel/kernel-tests"
