#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Formats the C files of gst/ and tests/gst/ as GStreamer does; with --check it
# only tells which differ and fails if any does. Needs GNU indent.
set -eu

cd "$(dirname "$0")/.."
check=
case "${1:-}" in
--check) check=1 ;;
'') ;;
*) echo "usage: $0 [--check]" >&2; exit 2 ;;
esac
command -v indent >/dev/null || { echo "indent.sh: install the package indent" >&2; exit 2; }

out=$(mktemp)
trap 'rm -f "$out" "$out.2"' EXIT
bad=0
run_indent() {
	indent --braces-on-if-line --case-brace-indentation0 \
		--case-indentation2 --braces-after-struct-decl-line \
		--line-length80 --no-tabs --cuddle-else \
		--dont-line-up-parentheses --continuation-indentation4 \
		--honour-newlines --tab-size8 --indent-level2 \
		--leave-preprocessor-space "$1" -o "$2"
}
for file in gst/*.c gst/*/*.c tests/gst/*/*.c; do
	[ -e "$file" ] || continue
	# Twice, because the first pass may break lines that the second joins.
	run_indent "$file" "$out.2"
	run_indent "$out.2" "$out"
	cmp -s "$file" "$out" && continue
	if [ -n "$check" ]; then
		diff -u "$file" "$out" || true
		bad=1
	else
		cat "$out" >"$file"
	fi
done
exit $bad
