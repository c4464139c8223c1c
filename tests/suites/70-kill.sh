#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# kill -9 of the daemon, of workers and of clients at random moments: nothing
# hangs, nothing is left, and the next decode is exact.
# where: guest
# lanes: uml
# full-lanes: kasan
# kind: survived
# guest: --no-daemon
# timeout: 1200
here=$(dirname "$0")
# DAEDALUS_FULL: as "--full" of ./dev test sets it.
rounds=${DAEDALUS_KILL_ROUNDS:-${DAEDALUS_FULL:+200}}
[ "$DAEDALUS_LANE" = uml ] || export DAEDALUS_SLOW=${DAEDALUS_SLOW:-4}
exec python3 "$here/lib/kill.py" --daemon "$DAEDALUS_BUILD/user/daemon/daedalusd" \
	--client "$DAEDALUS_BUILD/user/validate/decode-md5" --rounds "${rounds:-60}" \
	${DAEDALUS_ONLY:+--only "$DAEDALUS_ONLY"}
