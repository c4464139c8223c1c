# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# The elements of tests/e2e/ffmpeg in the place of ours. Source tap.sh first. Both
# plugins have types of the same names, so the registry must not have both.
export GST_PLUGIN_PATH=$DAEDALUS_BUILD/user/tests/e2e/ffmpeg
cp "$GST_REGISTRY" /tmp/outside.bin
export GST_REGISTRY=/tmp/outside.bin
# Its time limits are FFmpeg's.
[ "$DAEDALUS_LANE" = uml ] || export DAEDALUS_SLOW=${DAEDALUS_SLOW:-4}
