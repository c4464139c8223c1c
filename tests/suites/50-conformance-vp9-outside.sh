#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The same streams through a client that acts like FFmpeg's v4l2request
# (tests/e2e/ffmpeg); docs/clients.md lists in what they differ.
# where: guest
# beside: yes
# lanes: uml
# timeout: 600
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/conformance.sh
. "$here/lib/conformance.sh"
# shellcheck source=tests/suites/lib/outside.sh
. "$here/lib/outside.sh"

conformance vp9 ffmpegvp9dec
