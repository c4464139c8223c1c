#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The same streams through GStreamer's own stateless client, v4l2slvp9dec.
# validate/excuses.json lists what such an element cannot do.
# where: guest
# beside: yes
# lanes: uml
# timeout: 600
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/conformance.sh
. "$here/lib/conformance.sh"

conformance vp9 v4l2slvp9dec
