# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Conformance lists, and other functions for suites that decode. Source tap.sh first.

decode_md5=$DAEDALUS_BUILD/user/validate/decode-md5
stats=/sys/kernel/debug/daedalus_v4l2/stats

# Streams for QEMU, which is slow because it emulates every instruction.
declare -A qemu_subset
# Hidden frames, show_existing_frame, intra-only frames, an odd size, 10 bits, a refusal.
qemu_subset[vp9]=vp90-2-02-size-10x18,vp90-2-02-size-66x64,vp90-2-10-show-existing-frame2
qemu_subset[vp9]+=,vp90-2-16-intra-only,vp92-2-20-10bit-yuv420,oxide-vp9-segmentation,vp91-2-04-yuv444
# Field pairs, MBAFF, memory management, several slices, 10 bits, MP4, refusals.
qemu_subset[h264]=HCAFF1_HHI,HCAMFF1_HHI,jcodec-cabac_test_bi_mix_ref,jcodec-seq_flat_10slices_test
qemu_subset[h264]+=,goh264-high10_implicit_weight_b_deblock_cavlc,fate-h264_3bf_pyramid_nobsrestriction
qemu_subset[h264]+=,goh264-high10_weighted422_cabac_b,jcodec-seq_dispersed_test
# Hidden frames, film grain with 8 and 10 bits, superres, layers, tiny, refusals.
qemu_subset[av1]=dav1d-8b-data-00000595,dav1d-8b-issues-309_odd_width,fate-film_grain
qemu_subset[av1]+=,dav1d-8b-data-00000802,av1-1-b8-22-svc-L1T2,dav1d-8b-data-00000000
qemu_subset[av1]+=,dav1d-10b-data-00000681,dav1d-10b-data-00000677

# conformance LIST ELEMENT ARGS...: the whole TAP report of validate/LIST.json. In CI,
# what is missing of a folder of streams that is there is a failure.
conformance() {
	local list=$1 element=$2 patience=60 streams
	shift 2
	streams=$(grep -c '"input_file"' "$DAEDALUS_REPO/validate/$list.json")
	if [ "$DAEDALUS_LANE" = qemu ]; then
		patience=300
		set -- --streams "${qemu_subset[$list]}" "$@"
		streams=$(tr , '\n' <<<"${qemu_subset[$list]}" | wc -l)
	fi
	if [ -z "$DAEDALUS_VECTORS" ]; then
		skip "$streams streams of $list.json through $element" "no conformance streams in ../shared/vectors; the end-to-end suites decode clips that they make"
		tap_done
		return
	fi
	[ "${CI:-}" = true ] || set -- --missing skip "$@"
	python3 "$DAEDALUS_REPO/validate/conformance.py" run "$list" --tap --jobs 1 \
		--dir "$DAEDALUS_VECTORS" --tool "$decode_md5" --decoder "$element" \
		--stream-timeout $patience ${stats:+--stats "$stats"} "$@"
}

# at_rest FILE: does FILE have a line for each counter of live objects, and is each 0?
at_rest() {
	awk 'NF == 2 && $1 ~ /^(contexts|sessions|jobs|buffers|requests|streams)$/ {
			counters += !seen[$1]++
			alive += $2 != "0"
		}
		END { exit !(counters == 6 && !alive) }' "$1"
}

# stats_at_rest: does the module count no live objects? Waits a few seconds for the
# daemon to release the last ones.
stats_at_rest() {
	local tries status=1
	for tries in {1..50}; do
		[ -r "$stats" ] || break
		at_rest "$stats" && status=0 && break
		sleep 0.1
	done
	cat "$stats"
	echo "after $tries looks"
	return $status
}
