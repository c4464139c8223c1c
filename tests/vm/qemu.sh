#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Prepares Debian's stock kernel for the QEMU lane; runs inside the project's
# root. usage: qemu.sh INITRAMFS_INIT OUT
# Makes OUT/vmlinuz, OUT/initramfs, OUT/lib/modules (Debian's modules and
# v4l2-mem2mem.ko, which Debian's amd64 kernel does not have) and OUT/kdir.
set -euo pipefail
init=$1 out=$2

image=$(find /boot -name 'vmlinuz-*' | sort -V | tail -n 1)
ver=${image#/boot/vmlinuz-}
kdir=/usr/src/linux-headers-$ver
cp "$image" "$out/vmlinuz"
ln -s "$kdir" "$out/kdir"
mkdir -p "$out/lib/modules"
cp -a "/usr/lib/modules/$ver" "$out/lib/modules/"

m2m=$out/m2m
mkdir "$m2m"
source=/usr/src/linux-source-${ver%%.*}.$(cut -d. -f2 <<<"$ver")
tar -C "$m2m" -xf "$source.tar.xz" --occurrence=1 --strip-components=4 \
	"${source##*/}/drivers/media/v4l2-core/v4l2-mem2mem.c"
echo 'obj-m := v4l2-mem2mem.o' >"$m2m/Kbuild"
make -C "$kdir" M="$m2m" modules
mkdir "$out/lib/modules/$ver/updates"
cp "$m2m/v4l2-mem2mem.ko" "$out/lib/modules/$ver/updates/"
mv "$m2m/Module.symvers" "$out/m2m.symvers"
rm -rf "$m2m"
depmod -b "$out" "$ver"

# The initramfs does one thing: mount the 9p root.
tree=$out/tree
mkdir -p "$tree/bin" "$tree/proc" "$tree/sys" "$tree/dev" "$tree/root"
cp /usr/bin/busybox "$tree/bin/"
cp "$init" "$tree/init"
chmod 755 "$tree/init"
modprobe -d "$out" -S "$ver" --show-depends -a virtio_pci 9pnet_virtio 9p |
	awk '$1 == "insmod" && !seen[$2]++ { print $2 }' |
	while read -r ko; do
		name=$(basename "${ko%.xz}")
		case $ko in
		*.xz) xz -dc "$ko" >"$tree/$name" ;;
		*) cp "$ko" "$tree/$name" ;;
		esac
		echo "/$name" >>"$tree/modules"
	done
(cd "$tree" && find . | cpio -o -H newc --quiet | gzip -1) >"$out/initramfs"
rm -rf "$tree"
