#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# All AV1 conformance streams through the engine: 4:2:0 of 8 and 10 bits exact,
# everything else refused.
#
#   engine_av1_vectors.sh TEST_PROGRAM VECTORS WORK_DIR
#
# Exit status: 0, 1, or 77 if the streams are missing.
set -eu

program=$1
vectors=$2
dir=$3

if ! [ -e "$vectors/vectors.tsv" ]; then
	echo "no conformance streams in ../shared/vectors beside the checkout"
	exit 77
fi
mkdir -p "$dir"
awk -F '\t' '$2 == "av1" { print $1 "\t" $4 "\t" $8 }' "$vectors/vectors.tsv" >"$dir/list"

exact=0 refused=0 wrong=0
while IFS='	' read -r file format md5; do
	rm -f "$dir/out.yuv"
	timeout 60 "$program" --dump "$vectors/$file" "$dir/out.yuv" >"$dir/log" 2>&1 || true
	case $format in
	yuv420p|yuv420p10le)
		if [ "$(md5sum <"$dir/out.yuv" | cut -c1-32)" = "$md5" ] &&
			grep -q ' 0 with errors$' "$dir/log"; then
			exact=$((exact + 1))
			continue
		fi ;;
	*)	# Nothing of it may be called exact, so nothing is written.
		if grep -q 'status 3:' "$dir/log" && ! [ -s "$dir/out.yuv" ]; then
			refused=$((refused + 1))
			continue
		fi ;;
	esac
	wrong=$((wrong + 1))
	echo "$file ($format) is wrong: $(tail -1 "$dir/log")"
done <"$dir/list"
rm -f "$dir/out.yuv"
echo "$exact exact, $refused refused, $wrong wrong"
[ "$wrong" = 0 ] && [ "$exact" -gt 0 ]
