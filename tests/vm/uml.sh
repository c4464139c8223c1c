#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds the User-mode Linux kernel; runs inside the project's root.
# usage: uml.sh CONFIG... OUT
# Makes OUT/linux (the program), OUT/lib/modules, and OUT/kdir, which is what
# an external module is built against (with ARCH=um) and holds checkpatch.
set -euo pipefail
configs=("${@:1:$#-1}") out=${*: -1}
export ARCH=um SUBARCH=x86_64

tarball=$(find /usr/src -name 'linux-source-*.tar.xz' ! -name '*-6.*' | sort -V | tail -n 1)
name=$(basename "$tarball" .tar.xz)
# Whole subsystems that this kernel does not build; their Kconfig files stay.
unused=(--exclude="$name"/drivers/gpu/drm/{amd,i915,msm,nouveau,panel,radeon,xe}/*.[ch])
tar -C "$out" -xf "$tarball" --exclude="$name/Documentation/*/*" \
	"${unused[@]}" --exclude="$name/drivers/net/*/*.[ch]" \
	--exclude="$name/sound/*.[ch]" --exclude="$name/tools/testing" \
	--exclude="$name/tools/perf" --exclude="$name/arch/*/boot/dts"
cd "$out/$name"

# The unwinder of um tests each word of the stack, and only keeps those that the frame
# pointers lead to. With KASAN it runs for each allocation, so go along the frames at once.
stacktrace=arch/um/kernel/stacktrace.c
sed -i 's|^\t\taddr = READ_ONCE_NOCHECK(\*sp);|#ifdef CONFIG_FRAME_POINTER\
\t\tif (bp + sizeof(long) < (unsigned long)sp \|\| ((bp ^ (unsigned long)sp) \& ~(THREAD_SIZE - 1)))\
\t\t\tbreak;\
\t\tsp = (unsigned long *)(bp + sizeof(long));\
#endif\
&|' "$stacktrace"
grep -q 'sp = (unsigned long \*)(bp' "$stacktrace"

make -s defconfig
scripts/kconfig/merge_config.sh -m .config "${configs[@]}"
make olddefconfig
make -j"$(nproc)" linux modules
make -s INSTALL_MOD_PATH="$out" modules_install
mv linux "$out/"

mkdir "$out/kdir"
find . -name '*.o' -delete
cp -a --parents .config Makefile Module.symvers include scripts arch/um \
	arch/x86/Makefile* arch/x86/include arch/x86/um "$out/kdir/"
rm -f "$out/lib/modules"/*/{build,source}
cd "$out"
rm -rf "$name"
