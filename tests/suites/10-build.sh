#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The module against every supported kernel series, the checkers of the
# kernel, and userspace with warnings as errors, sanitized, and in parts.
# where: root
# timeout: 1200
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
repo=$DAEDALUS_REPO
work=$(mktemp -d)

# module KDIR NAME=VALUE...: build a fresh copy; any warning is an error.
# Debian's amd64 kernels have no v4l2-mem2mem, so modpost cannot resolve its
# functions there; nothing else may be missing. KUnit exists only in UML.
module() {
	local kdir=$1 dir=$work/module status=0
	shift
	rm -rf "$dir"
	mkdir "$dir"
	cp -a "$repo/kernel" "$repo/common" "$dir/"
	make -C "$dir/kernel" -j"$(nproc)" KDIR="$kdir" KBUILD_MODPOST_WARN=1 "$@" 2>&1 || status=$?
	[ -e "$dir/kernel/daedalus_v4l2.ko" ] || status=1
	return $status
}
no_warnings() {
	module "$@" | tee "$work/log"
	[ "${PIPESTATUS[0]}" -eq 0 ] &&
		! grep -E 'warning:|WARNING:' "$work/log" |
		grep -vE 'modpost: "v4l2_m2m_[a-z0-9_]*" .* undefined!|BTF|(compiler|pahole version) differs|vmlinux' >&2
}
# Only what sparse says of our files; headers of a kernel are not ours.
sparse_clean() {
	module "$@" C=2 CF=-D__CHECK_ENDIAN__ >"$work/log" || return 1
	grep -q '^  CHECK ' "$work/log" && ! grep -E '/(kernel|common)/[^/]*:[0-9]+:[0-9]+: (warning|error)' "$work/log"
}
checkpatch() {
	perl "$DAEDALUS_KDIR/scripts/checkpatch.pl" --no-tree --strict --terse --show-types \
		--codespell --codespellfile=/dev/null -f "$repo"/kernel/*.[ch] \
		"$repo"/kernel/tests/*.[ch] "$repo"/common/*.h
}
scripts_clean() {
	cd "$repo" && shellcheck -x dev .ci/run tests/vm/*.sh tests/vm/init tests/suites/*.sh \
		tests/suites/lib/*.sh tests/unit/*.sh
}
userspace() {
	local dir=$1
	shift
	[ -e "$dir/build.ninja" ] || meson setup "$dir" "$repo" "$@" || return 1
	ninja -C "$dir"
}

for series in 6.1 6.12 7; do
	kdir=$(find /usr/src -maxdepth 1 -name "linux-headers-$series.*-amd64" | sort -V | tail -n 1)
	check "module without warnings (W=1) for ${kdir##*/linux-headers-}" \
		no_warnings "$kdir" W=1 KCFLAGS=-Werror
done
check "module and KUnit tests without warnings (W=1) for User-mode Linux" \
	no_warnings "$DAEDALUS_KDIR" ARCH=um KUNIT=1 W=1 KCFLAGS=-Werror
check "sparse finds nothing" \
	sparse_clean "$(find /usr/src -maxdepth 1 -name 'linux-headers-6.12.*-amd64')"
check "checkpatch --strict finds nothing" checkpatch
check "userspace, warnings as errors" userspace "$work/user" -Dwerror=true
check "userspace with AddressSanitizer and UndefinedBehaviorSanitizer" \
	userspace "$DAEDALUS_BUILD/asan" -Dwerror=true -Db_sanitize=address,undefined -Db_lundef=false
check "userspace without the plugin" \
	userspace "$work/no-gst" -Dgst=disabled -Dtests=false
check "userspace without the daemon" \
	userspace "$work/no-daemon" -Ddaemon=disabled -Dtests=false
check "the module through meson" \
	userspace "$work/kernel" -Dkernel=enabled -Dgst=disabled -Ddaemon=disabled -Dtests=false \
	"-Dkdir=$(find /usr/src -maxdepth 1 -name 'linux-headers-6.12.*-amd64')"
check "the scripts pass shellcheck" scripts_clean
rm -rf "$work"
tap_done
