#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Lists of streams: fluster accepts ours; downloads from a server on loopback that has
# every fault; references of a folder; text, JSON and JUnit reports.
# where: root
# beside: yes
# kind: unit
# timeout: 120
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/python.sh
. "$here/lib/python.sh"

python_tests 27 "$here/lib/selftest_fetch.py"
tap_done
