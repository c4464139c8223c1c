#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# validate/*.validatetest and scenarios, if gst-validate is installed. It checks every
# buffer, query and event on the pads of a pipeline.
# where: guest
# beside: yes
# lanes: uml
# timeout: 180
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/e2e.sh
. "$here/lib/e2e.sh"
validate=$DAEDALUS_REPO/validate

if ! command -v gst-validate-1.0 >/dev/null; then
	skip "gst-validate" "gst-validate-1.0 is not installed; no Debian suite has it"
	tap_done
	exit 0
fi
need_clips vp9
cd "$clips/vp9" || exit 1
# gst-validate writes its files below this folder.
export XDG_DATA_HOME=/tmp

for test in "$validate"/*.validatetest; do
	check "$(basename "$test" .validatetest)" timeout -k 5 60 gst-validate-1.0 --set-test-file "$test"
done
for scenario in "$validate"/scenarios/*.scenario; do
	for clip in hidden.webm resize.webm; do
		check "$(basename "$scenario" .scenario) of $clip" timeout -k 5 60 gst-validate-1.0 \
			--set-scenario "$scenario" filesrc location=$clip ! parsebin ! daedalusvp9dec ! \
			fakesink sync=true
	done
done
tap_done
