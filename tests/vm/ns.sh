#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Sets up the project's root in a private mount namespace and runs a command in
# it. dev calls it under "unshare --mount --pid".
# usage: ns.sh ROOT TOP [-m MODULES] [-r DIR]... [-w DIR]... [-s DIR] -- CMD...
#
#  TOP         an empty folder, mount point of the new root
#  -m MODULES  folder that becomes /usr/lib/modules
#  -r, -w DIR  folder shown at its own path, read-only or writable
#  -s DIR      folder that becomes /.daedalus, writable
#  CMD         runs inside the root
#
# Debian's folders are bind mounts of the cached ROOT, read-only. Everything else
# is a tmpfs that ends with the namespace. So nothing can write to the cache.
set -euo pipefail

# restrict DIR OPTIONS: remount the bind mount DIR. Flags of the file system that it lies on
# are locked in a user namespace, so they stay.
restrict() {
	local flags
	flags=$(findmnt -no VFS-OPTIONS -M "$1" | tr , '\n' | grep -xE 'nosuid|nodev|noexec' | paste -sd, || true)
	mount -o "remount,bind,$2${flags:+,$flags}" "$1"
}

root=$1 top=$2
shift 2
mount -t tmpfs -o mode=755,size=90% daedalus "$top"

for entry in "$root"/*; do
	name=${entry##*/}
	if [ -L "$entry" ]; then
		# cp would keep the owner, whom a user namespace may not know.
		ln -s "$(readlink "$entry")" "$top/$name"
	elif [ -d "$entry" ]; then
		mkdir "$top/$name"
		case $name in
		bin | boot | etc | lib* | sbin | usr | var)
			mount --bind "$entry" "$top/$name"
			restrict "$top/$name" ro
			;;
		esac
	fi
done
chmod 1777 "$top/tmp"
mount -t proc proc "$top/proc"
mount --rbind /sys "$top/sys"
restrict "$top/sys" ro
mkdir "$top/dev/shm" "$top/dev/pts"
chmod 1777 "$top/dev/shm"
for name in null zero full random urandom tty kvm; do
	[ -e "/dev/$name" ] || continue
	touch "$top/dev/$name"
	mount --bind "/dev/$name" "$top/dev/$name"
done
ln -s /proc/self/fd "$top/dev/fd"
mount -t tmpfs tmpfs "$top/var/tmp"

# show DIR OPTIONS: bind-mount DIR of the host at its own path.
show() {
	# If the path is below a read-only folder, its mount point must be made in ROOT.
	mkdir -p "$top$1" 2>/dev/null || mkdir -p "$root$1"
	mount --bind "$1" "$top$1"
	restrict "$top$1" "$2"
}

while [ "$1" != -- ]; do
	case $1 in
	-m)
		mount --bind "$2" "$top/usr/lib/modules"
		restrict "$top/usr/lib/modules" ro
		;;
	-s)
		mkdir "$top/.daedalus" "$top/.host"
		mount --bind "$2" "$top/.daedalus"
		;;
	-r) show "$2" ro ;;
	-w) show "$2" rw ;;
	*)
		echo "ns.sh: unknown option $1" >&2
		exit 125
		;;
	esac
	shift 2
done
shift

# No exec: this shell is process 1 of the namespace and reaps the others.
status=0
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8 \
	TMPDIR=/tmp TERM="${TERM:-dumb}" chroot "$top" "$@" || status=$?
exit "$status"
