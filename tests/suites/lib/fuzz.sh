# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What the suites that attack with random input have in common. Variables of the
# environment:
#   DAEDALUS_SEED          decides everything (default: the time)
#   DAEDALUS_FUZZ_SECONDS  how long a suite goes on (default: a slice of some seconds)
#   DAEDALUS_SLOW          factor for all times, of a slow guest (default: 1 in UML, else 4)
fuzz_seed=${DAEDALUS_SEED:-$(date +%s)}
fuzz_slow=${DAEDALUS_SLOW:-$([ "$DAEDALUS_LANE" = uml ] && echo 1 || echo 4)}

# kernel_fuzz SECONDS ARGS...: become kernel-fuzz, which writes TAP; SECONDS is the default.
kernel_fuzz() {
	local seconds=${DAEDALUS_FUZZ_SECONDS:-$1}
	shift
	exec "$DAEDALUS_BUILD/user/tests/fuzz/kernel/kernel-fuzz" \
		--corpus "$DAEDALUS_REPO/tests/fuzz/kernel/corpus" --seed "$fuzz_seed" \
		--seconds "$seconds" --slow "$fuzz_slow" "$@"
}
