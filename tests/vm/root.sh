#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the project's root file system: Debian trixie with everything that
# builds, runs and tests Daedalus, plus the kernels that it is tested against
# (headers of three series, Debian's stock kernel, two kernel sources).
# usage: root.sh LIST OUT
#
# mmdebstrap calls it again as its hook with the root as only argument; then
# APT_CONFIG makes the host's apt work on that root.
set -euo pipefail

SUITE=trixie

# newest REGEX: the highest version among the package names that match.
newest() {
	local name
	name=$(apt-cache pkgnames linux- | grep -E "^$1\$" | sort -V | tail -n 1)
	[ -n "$name" ] || { echo "no package matches $1" >&2; return 1; }
	printf '%s\n' "$name"
}

# headers NAME: the packages that make up the kernel headers NAME.
headers() {
	printf '%s\n' "$1"
	apt-cache depends "$1" |
		sed -nE 's/^ *Depends: (linux-(headers-.*-common|kbuild-.*))$/\1/p'
}

# The sources that mmdebstrap wrote name the mirror; the other suites are
# taken from the same one.
add_suites() {
	local root=$1 uri
	# shellcheck disable=SC2016  # apt's own variables
	uri=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
		awk -v suite="$SUITE" '$2 == suite { print $1; exit }')
	[ -n "$uri" ] || { echo "no $SUITE entry in the sources that mmdebstrap wrote" >&2; return 1; }
	{
		echo "deb $uri $SUITE-backports main"
		echo "deb $uri bookworm main"
	} >"$root/etc/apt/sources.list.d/daedalus.list"
	printf 'Package: *\nPin: release n=bookworm\nPin-Priority: 50\n' \
		>"$root/etc/apt/preferences.d/daedalus"
	apt-get update
}

# Unpacked, not installed: no initramfs is made and no boot loader is looked for.
add_kernels() {
	local root=$1 stable stage deb ver packages
	stable=$(newest 'linux-headers-6\.12\.[0-9]+\+deb13-amd64')
	mapfile -t packages < <(
		headers "$(newest 'linux-headers-6\.1\.0-[0-9]+-amd64')"
		headers "$stable"
		headers "$(newest 'linux-headers-([7-9]|[1-9][0-9])\.[0-9.]+\+deb13-amd64')"
		echo "${stable/headers/image}"
		newest 'linux-source-6\.12'
		newest 'linux-source-([7-9]|[1-9][0-9])\.[0-9]+'
	)
	printf 'kernel package: %s\n' "${packages[@]}"
	stage=$root/tmp/stage
	mkdir -p "$stage/debs" "$stage/tree"
	(cd "$stage/debs" && apt-get -o APT::Sandbox::User=root download "${packages[@]}")
	for deb in "$stage"/debs/*.deb; do
		dpkg-deb -x "$deb" "$stage/tree"
	done
	# /lib is a symbolic link in the root; merge what older packages put there.
	mkdir -p "$stage/tree/lib" "$stage/tree/usr/lib"
	cp -a "$stage/tree/lib/." "$stage/tree/usr/lib/"
	cp -a "$stage/tree/usr/." "$root/usr/"
	cp -a "$stage/tree/boot/." "$root/boot/"
	rm -rf "$stage"
	ver=${stable#linux-headers-}
	chroot "$root" depmod "$ver"
}

if [ $# -eq 1 ]; then
	add_suites "$1"
	add_kernels "$1"
	# Mount points for what only exists while the root is in use.
	mkdir -p "$1/usr/lib/modules" "$1/usr/share/daedalus"
	exit 0
fi

list=$1 out=$2
include=$(sed -E 's/[[:space:]]*(#.*)?$//; /^$/d' "$list" | paste -sd,)
# DAEDALUS_MIRROR: another Debian mirror than mmdebstrap's own choice.
exec mmdebstrap --variant=apt --include="$include" \
	--aptopt='Acquire::Languages "none"' \
	--dpkgopt='force-unsafe-io' \
	--dpkgopt='path-exclude=/usr/share/doc/*' \
	--dpkgopt='path-include=/usr/share/doc/*/copyright' \
	--dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	--customize-hook="APT_CONFIG=\"\$MMDEBSTRAP_APT_CONFIG\" '$0' \"\$1\"" \
	"$SUITE" "$out" ${DAEDALUS_MIRROR:+"$DAEDALUS_MIRROR"}
