#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Buffers in physically contiguous memory, for displays without an IOMMU.
# where: guest
# beside: yes
# lanes: uml
# guest: --module-params contiguous=1
# timeout: 120
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/e2e.sh
. "$here/lib/e2e.sh"
# shellcheck source=tests/suites/lib/conformance.sh
. "$here/lib/conformance.sh"

need_clips vp9
cd "$clips/vp9" || exit 1
check "the parameter is set" grep -qx '[Y1]' /sys/module/daedalus_v4l2/parameters/contiguous
for output in dmabuf system plain; do
	e2e "$output memory" e2e-decode --output $output hidden.ivf tenbit.ivf keysizes.ivf size1x1.ivf
done
for memory in mmap expbuf; do
	e2e "V4L2, NM12, $memory" v4l2-vp9 --format NM12 --capture $memory hidden.ivf
done
check "the module is at rest" stats_at_rest
tap_done
