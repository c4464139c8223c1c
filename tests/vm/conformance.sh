# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# "./dev conformance" decodes lists of conformance streams, or a folder of streams, in a
# guest. validate/conformance.py does the work: on the host it downloads, in the root it
# finds the references of a folder, in the guest it decodes, in the root it reports. So a
# guest that is killed leaves a report of what it has decoded. Sourced by dev.
# shellcheck disable=SC2034,SC2153,SC2154  # variables of dev and guest.sh

CONFORMANCE=$REPO/validate/conformance.py

# conformance_report: writes the reports of the record. The files are written in $work,
# as the root shows no other folder. Returns the status.
conformance_report() {
	local i status=0 args=()
	[ -s "$work/record" ] || return 2
	for ((i = 0; i < ${#REPORTS[@]}; i += 2)); do
		args+=("${REPORTS[i]}" "$work/report$i")
	done
	in_root -w "$work" -- python3 "$CONFORMANCE" report "$work/record" "${args[@]}" || status=$?
	for ((i = 0; i < ${#REPORTS[@]}; i += 2)); do
		[ ! -s "$work/report$i" ] || cp "$work/report$i" "${REPORTS[i + 1]}" || status=2
	done
	return $status
}

# conformance_killed: after Ctrl-C.
conformance_killed() {
	echo
	conformance_report
}

# conformance_targets: copies lists that are files to $work, and makes lists of folders
# there. Sets targets, and adds the folders to DIRS.
conformance_targets() {
	local target path n=0
	for target in "${REST[@]}"; do
		n=$((n + 1))
		if [ -d "$target" ]; then
			path=$(readlink -e "$target")
			say "looking for streams and their references in $path ..."
			mkdir "$work/$n"
			in_root -r "$path" -w "$work" -- python3 "$CONFORMANCE" list "$path" "$work/$n" \
				>"$work/$n/names" || return
			DIRS+=("$path")
			while IFS= read -r path; do targets+=("$path"); done <"$work/$n/names"
		elif [ -f "$target" ]; then
			mkdir "$work/$n"
			cp "$target" "$work/$n/"
			targets+=("$work/$n/${target##*/}")
		else
			targets+=("$target")
		fi
	done
}

cmd_conformance() {
	local cache=$CACHE/conformance work targets=() dir dirs=() shown_dirs=() where=() only=() longest
	local status=0 reported=0 bar=() i
	[ ! -t 1 ] || bar=(--progress)
	for ((i = 1; i < ${#REPORTS[@]}; i += 2)); do
		REPORTS[i]=$(readlink -f "${REPORTS[i]}") || die "${REPORTS[i - 1]}: no such folder"
	done
	for ((i = 0; i < ${#DIRS[@]}; i++)); do
		[ -z "$FETCH" ] || mkdir -p "${DIRS[i]}"
		[ -d "${DIRS[i]}" ] || die "--dir ${DIRS[i]}: no such folder"
		DIRS[i]=$(readlink -e "${DIRS[i]}")
	done
	prepare "$G_LANE"
	work=$(mktemp -d "$CACHE/tmp/conformance.XXXXXX")
	# shellcheck disable=SC2064  # expand the variable now
	trap "rm -rf --one-file-system '$work'" EXIT
	mkdir -p "$cache/streams" "$cache/suites"
	conformance_targets || return 2

	# Downloads go to the first folder.
	for dir in "${DIRS[@]}" "$cache/streams" ${VECTORS:+"$VECTORS"}; do
		dirs+=(--dir "$dir")
		[ "$dir" = "$VECTORS" ] || shown_dirs+=(-r "$dir") G_SHARES+=("$dir")
	done
	where=("${dirs[@]}" --suites "$cache/suites")
	# An emulated processor is slow, as is a kernel with all checkers.
	[ "$G_LANE" = uml ] || CHOICE=(--stream-timeout 300 "${CHOICE[@]}")
	if [ -n "$FETCH" ]; then
		for ((i = 0; i < ${#CHOICE[@]}; i++)); do
			[ "${CHOICE[i]}" != --streams ] || only=(--streams "${CHOICE[i + 1]}")
		done
		need_tool python3 python3 "it downloads streams"
		python3 "$CONFORMANCE" fetch "${where[@]}" "${only[@]}" "${targets[@]}" || status=$?
		# A stream that cannot be had is reported as missing.
		[ $status -le 1 ] || return $status
		status=0
	fi
	longest=$(in_root -r "$work" -r "$cache/suites" "${shown_dirs[@]}" -- \
		python3 "$CONFORMANCE" check "${where[@]}" "${CHOICE[@]}" "${targets[@]}") || return 2

	# A frame of 3840x2160 with 10 bits takes 1 to 3 s on a busy machine.
	[ -n "$G_MODULE_PARAMS" ] || G_MODULE_PARAMS=deadline_ms=5000
	[[ " ${ARGS[*]} " == *" --mem "* ]] || G_MEM=3G
	[[ " ${ARGS[*]} " == *" --timeout "* ]] || G_TIMEOUT=$longest
	G_SHARES+=("$work" "$cache/suites")
	G_KILLED=conformance_killed
	prepare_guest
	guest_run python3 "$CONFORMANCE" run "${where[@]}" "${CHOICE[@]}" \
		--tool "$BUILD/user/validate/decode-md5" --record "$work/record" \
		"${bar[@]}" "${targets[@]}" || status=$?
	conformance_report || reported=$?
	# What ended the guest explains more than that the report is not whole.
	[ $status -eq 0 ] || return $status
	return $reported
}
