#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# SIGSTOP and kill -9 of supervisor, workers and clients while streams are open: the
# others go on, and the stream is exact again from its next key frame.
# where: guest
# lanes: uml
# full-lanes: qemu
# kind: survived
# guest: --no-daemon
# timeout: 600
here=$(dirname "$0")
[ "$DAEDALUS_LANE" = uml ] || export DAEDALUS_SLOW=${DAEDALUS_SLOW:-2}
exec python3 "$here/lib/lifecycle.py" --daemon "$DAEDALUS_BUILD/user/daemon/daedalusd" \
	--client "$DAEDALUS_BUILD/user/validate/decode-md5" ${DAEDALUS_FULL:+--all} \
	${DAEDALUS_ONLY:+--all --only "$DAEDALUS_ONLY"}
