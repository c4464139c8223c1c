#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The module against every supported kernel series, the checkers of the
# kernel, and userspace with warnings as errors, sanitized, and in parts.
# where: root
# kind: build
# timeout: 1200
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
repo=$DAEDALUS_REPO
work=$(mktemp -d)

# Debian's amd64 kernels have no v4l2-mem2mem: tell modpost of the functions
# that the module would find there. Any other symbol that is missing is an error.
awk -F '\t' -v OFS='\t' '$2 ~ /^v4l2_m2m_/ { $1 = "0x00000000"; print }' \
	"$DAEDALUS_KDIR/Module.symvers" >"$work/m2m.symvers"

# module KDIR NAME=VALUE...: build a fresh copy.
module() {
	local kdir=$1 dir=$work/module status=0
	shift
	rm -rf "$dir"
	mkdir "$dir"
	cp -a "$repo/kernel" "$repo/common" "$dir/"
	make -C "$dir/kernel" -j"$(nproc)" KDIR="$kdir" KBUILD_EXTRA_SYMBOLS="$work/m2m.symvers" "$@" 2>&1 || status=$?
	[ -e "$dir/kernel/daedalus_v4l2.ko" ] || status=1
	return $status
}
# What kbuild says of the machine that Debian built on is no warning of ours.
no_warnings() {
	module "$@" | tee "$work/log"
	[ "${PIPESTATUS[0]}" -eq 0 ] &&
		! grep -E 'warning:|WARNING:' "$work/log" |
		grep -vE '(compiler|pahole version) differs' >&2
}
# Only what sparse says of our files; headers of a kernel are not ours.
sparse_clean() {
	module "$@" C=2 CF=-D__CHECK_ENDIAN__ >"$work/log" || return 1
	grep -q '^  CHECK ' "$work/log" && ! grep -E '/(kernel|common)/[^/]*:[0-9]+:[0-9]+: (warning|error)' "$work/log"
}
# A header for old kernels has to look at the version; one for userspace has
# neither BIT() nor static_assert(); what is userspace only has the types of C.
checkpatch() {
	local status=0 file ignore
	for file in "$repo"/kernel/*.[ch] "$repo"/kernel/*/*.[ch] "$repo"/common/*.[ch]; do
		case $file in
		*-compat.h) ignore=LINUX_VERSION_CODE,CONSTANT_COMPARISON ;;
		*/common/daedalus_v4l2_proto.h) ignore=BIT_MACRO,CAMELCASE ;;
		*/common/*) ignore=BIT_MACRO,PREFER_KERNEL_TYPES ;;
		*) ignore=NONE ;;
		esac
		perl "$DAEDALUS_KDIR/scripts/checkpatch.pl" --no-tree --strict --terse --show-types \
			"--ignore=$ignore" -f "$file" || status=1
	done
	return $status
}
env_um() { ARCH=um "$@"; }
scripts_clean() {
	cd "$repo" && shellcheck -x dev .ci/run tests/vm/*.sh tests/vm/init tests/suites/*.sh \
		tests/suites/lib/*.sh tests/bench/*.sh tests/daemon/*/*.sh \
		tests/daemon/*/*/*.sh
}
# All rooms are in order.
ordered_rooms=(common daemon kernel gst)
rooms_in_order() {
	python3 "$here/lib/rooms.py" --self-test &&
		python3 "$here/lib/rooms.py" "$repo" "${ordered_rooms[@]}"
}
codec_files_named() {
	python3 "$here/lib/codec_files.py" --self-test && python3 "$here/lib/codec_files.py" "$repo"
}
# with_errors DIR: is it built with warnings as errors? ./dev made it before this suite.
with_errors() {
	meson introspect --buildoptions "$1" | python3 -c '
import json, sys
options = {option["name"]: option["value"] for option in json.load(sys.stdin)}
print("werror:", options["werror"], "tests:", options["tests"])
sys.exit(not (options["werror"] and options["tests"]))' && ninja -C "$1"
}
userspace() {
	local dir=$1
	shift
	[ -e "$dir/build.ninja" ] || meson setup "$dir" "$repo" "$@" || return 1
	ninja -C "$dir"
}

# unit_is_hardened DIR: the unit that meson made, as systemd-analyze judges it; docs/security.md
# has the number.
unit_is_hardened() {
	systemd-analyze security --offline=true --no-pager --threshold=20 "$1/daemon/daedalusd.service"
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
check "userspace, warnings as errors" with_errors "$DAEDALUS_BUILD/user"
check "userspace with AddressSanitizer and UndefinedBehaviorSanitizer" \
	"$repo/tests/vm/build.sh" "$repo" "$DAEDALUS_BUILD" asan
check "the fuzz targets link" ninja -C "$DAEDALUS_BUILD/user" fuzz-targets
check "userspace without the plugin" \
	userspace "$work/no-gst" -Dgst=disabled -Dtests=false
check "userspace without the daemon" \
	userspace "$work/no-daemon" -Ddaemon=disabled -Dtests=false
check "the module through meson" \
	env_um userspace "$work/kernel" -Dkernel=enabled -Dgst=disabled -Ddaemon=disabled \
	-Dtests=false "-Dkdir=$DAEDALUS_KDIR"
check "systemd-analyze: the unit's exposure is at most 2.0" unit_is_hardened "$DAEDALUS_BUILD/user"
check "the scripts pass shellcheck" scripts_clean
check "no circle of modules, no include of a room above, no codec outside its room" rooms_in_order
check "docs/adding-a-codec.md names every file of a codec" codec_files_named
rm -rf "$work"
tap_done
