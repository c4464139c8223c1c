#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds the project; runs inside the project's root.
# usage: build.sh REPO BUILD user              userspace and plugin registry
#        build.sh REPO BUILD asan|tsan         userspace with sanitizers
#        build.sh REPO BUILD module LANE KDIR  the kernel module for one lane
#        build.sh REPO BUILD validate SOURCE   gst-validate of a GStreamer source tree
# The checkout is not written to. kbuild builds in place, so it gets a copy.
set -euo pipefail
repo=$1 build=$2 what=$3

case $what in
user)
	[ -e "$build/user/build.ninja" ] ||
		meson setup "$build/user" "$repo" -Dwerror=true -Dtests=true
	ninja -C "$build/user"
	# The registry is made here, because a scan of all plugins is slow in a guest.
	rm -f "$build/registry.tmp"
	GST_REGISTRY=$build/registry.tmp GST_PLUGIN_PATH=$build/user/gst \
		gst-inspect-1.0 >/dev/null
	mv "$build/registry.tmp" "$build/registry.bin"
	;;
asan | tsan)
	# ASan and UBSan for all programs, TSan for the daemon.
	options=("-Db_sanitize=address,undefined" -Dtests=true) targets=()
	[ "$what" = asan ] || options=(-Db_sanitize=thread) targets=(daemon/daedalusd)
	[ -e "$build/$what/build.ninja" ] ||
		meson setup "$build/$what" "$repo" -Dwerror=true -Db_lundef=false "${options[@]}"
	ninja -C "$build/$what" "${targets[@]}"
	;;
validate)
	options=(-Dvalidate=enabled)
	for name in dots_viewer cairo introspection tests nls doc; do
		options+=("-D$name=disabled")
	done
	rm -rf "$build/validate-build" "$build/validate"
	meson setup "$build/validate-build" "$4/subprojects/gst-devtools" --libdir=lib \
		--prefix="$build/validate" "${options[@]}"
	ninja -C "$build/validate-build" install
	rm -rf "$build/validate-build"
	;;
module)
	lane=$4 kdir=$5
	dir=$build/module-$lane
	mkdir -p "$dir"
	# With the time stamps, so kbuild only builds what changed. Not with the owner, whom a
	# user namespace may not know.
	for part in kernel common; do
		mkdir -p "$dir/$part"
		cp -dR --preserve=mode,timestamps "$repo/$part/." "$dir/$part/"
	done
	args=(KDIR="$kdir" KUNIT=)
	if [ "$lane" != qemu ]; then
		args=(KDIR="$kdir" ARCH=um KUNIT=1)
	else
		args+=(KBUILD_EXTRA_SYMBOLS="${kdir%/*}/m2m.symvers")
	fi
	make -C "$dir/kernel" "${args[@]}"
	;;
esac
