#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Hostile clients: random ioctls, requests, imports and descriptors in several processes
# while the daemon decodes. No call hangs, nothing is left, the device still works.
# where: guest
# kind: survived
# lanes: uml kasan qemu
# guest: --mem 4G
# timeout: 300
# qemu-timeout: 900
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/fuzz.sh
. "$here/lib/fuzz.sh"
kernel_fuzz 25 selftest client
