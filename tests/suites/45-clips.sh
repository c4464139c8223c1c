#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the clips that later suites decode, once and without a guest. Checks that each
# clip has the features that it is made for, because an encoder may not use them.
# where: root
# timeout: 300
here=$(dirname "$0")
# shellcheck source=tests/suites/lib/tap.sh
. "$here/lib/tap.sh"
# shellcheck source=tests/suites/lib/e2e.sh
. "$here/lib/e2e.sh"

# has CLIP CONDITION: an awk condition on the counts in $clips/$codec/CLIP.features;
# fails if they count neither frames nor pictures.
has() {
	cat "$clips/$codec/$1.features"
	awk '{ n[$1] = $2 } END { exit !(n["frames"] + n["pictures"] > 0 && ('"$2"')) }' \
		"$clips/$codec/$1.features"
}

need_clips vp9 h264 av1

codec=vp9
check "hidden frames" has hidden 'n["hidden"] > 0 && n["key"] > 2'
check "frames shown by show_existing_frame" has existing 'n["existing"] > 0'
check "hidden frames with 10 bits" has tenbit 'n["hidden"] > 0 && n["key"] > 2'
check "tile columns" has tilecols 'n["cols"] >= 2 * n["frames"]'
check "tile rows" has tilerows 'n["rows"] >= 2 * n["frames"]'
check "another size on an inter frame" has resize 'n["inter_sizes"] > 0 && n["sizes"] > 1'
check "other sizes on key frames" has keysizes 'n["sizes"] == 5'
check "one key frame in 48" has onekey 'n["key"] == 2 && n["shown"] == 96'
check "lossless frames" has lossless 'n["lossless"] == n["frames"]'
check "frame parallel decoding mode" has parallel 'n["parallel"] == n["frames"]'
check "backward adaptation" has hidden 'n["parallel"] == 0 && n["resilient"] == 0'
check "error resilient mode" has resilient 'n["resilient"] == n["frames"]'
check "segmentation" has segments 'n["segments"] > 0'
check "two spatial layers" has layers/spatial2 'n["sizes"] == 2 && n["inter_sizes"] > 0 && n["shown"] == 80 && n["output"] == 40'
check "three spatial layers" has layers/spatial3 'n["sizes"] == 3 && n["inter_sizes"] > 0 && n["shown"] == 120 && n["output"] == 40'
check "two frames shown by a superframe" has layers/hidden 'n["shown"] == 2 * n["output"]'
check "of different sizes" has layers/keysizes 'n["sizes"] == 5 && n["shown"] > n["output"]'

codec=h264
check "B pictures as references" has pyramid 'n["b_ref"] > 0 && n["idr"] > 2'
check "weighted prediction, explicit and implicit" has weights 'n["weighted_p"] && n["weights"] > 0 && n["weighted_b"] == 2'
check "CAVLC, several slices, temporal direct" has cavlc 'n["cavlc"] && !n["cabac"] && n["more_slices"] == 3 * n["pictures"] && n["temporal"] && !n["spatial"]'
check "Baseline" has baseline '!n["b"] && !n["transform8x8"] && n["cavlc"] && n["profile"] == 66'
check "8x8 transform" has temporal 'n["transform8x8"] && n["temporal"]'
for clip in cqm jvt; do
	check "scaling matrices, $clip" has $clip 'n["matrices"] > 0 && n["transform8x8"]'
done
check "MBAFF, top field first" has mbafftff 'n["mbaff"] && n["cabac"] && n["b_ref"] > 0'
check "MBAFF, bottom field first, CAVLC" has mbaffbff 'n["mbaff"] && n["cavlc"]'
check "intra refresh without IDR pictures" has refresh 'n["idr"] == 1 && n["i"] == 1 && n["recovery"] > 1'
check "intra refresh with B pictures" has refreshb 'n["idr"] == 1 && n["i"] == 1 && n["recovery"] > 3 && n["b"] > 0'
check "film grain messages" has grain 'n["grain"] == n["idr"]'
check "lists with more entries than pictures" has longlists 'n["refs"] == 4 && n["p"] == 30'
check "the deblocking filter on and off" has mixed 'n["more_slices"] == 3 * n["pictures"] && n["unfiltered"] == 2 * n["pictures"]'
check "open GOPs" has opengop 'n["idr"] == 1 && n["i"] > 4 && n["b"] > 0'
check "16 reference frames" has refs16 'n["refs"] == 16'
check "one IDR picture in 48" has onekey 'n["idr"] == 2 && n["i"] == 2 && n["b_ref"] > 0'
check "other parameter sets in mid-stream" has change 'n["sizes"] == 2 && n["different_refs"] > 2 && n["cavlc"] && n["cabac"]'
check "cropping" has crop 'n["crop"]'
check "High 10" has tenbit 'n["depth"] == 10 && n["b_ref"] > 0'
check "High 10 with MBAFF" has tenbitlace 'n["depth"] == 10 && n["mbaff"]'
check "High 10 Intra" has intra 'n["depth"] == 10 && n["i"] == n["pictures"] && n["constraint3"]'
check "captions" test "$(wc -l <"$clips/h264/captions.captions")" -eq 24
check "monochrome" has mono 'n["profile"] >= 100 && n["chroma"] == 0'
check "4:2:2" has i422 'n["chroma"] == 2'
check "4:2:2 with 10 bits" has i422ten 'n["chroma"] == 2 && n["depth"] == 10'
check "4:4:4" has i444 'n["chroma"] == 3'
check "4:4:4 with 10 bits" has i444ten 'n["chroma"] == 3 && n["depth"] == 10'

codec=av1
check "hidden frames, shown later" has hidden 'n["hidden"] > 0 && n["existing"] > 0 && n["key"] > 2'
check "hidden key frames, shown later" has fwdkey 'n["hidden_key"] > 0 && n["existing_key"] > 0'
check "a key frame that waits in one slot" has waiting 'n["hidden_key"] == 1 && n["existing_key"] == 1'
check "the same pictures whether it waits or not" cmp "$clips/av1/plain.md5" "$clips/av1/waiting.md5"
check "hidden frames of SVT-AV1" has svt 'n["hidden"] > 0 && n["key"] > 2'
check "the same with film grain and 10 bits" has svtten 'n["hidden"] > 0 && n["grain"] > 0 && n["high"]'
check "low delay of SVT-AV1" has svtlow '!n["hidden"] && n["key"] > 2'
check "film grain" has grain 'n["grain"] > 0 && n["hidden"] > 0 && !n["high"]'
check "film grain with 10 bits" has grainten 'n["grain"] > 0 && n["high"]'
check "10 bits" has tenbit 'n["high"] && n["key"] > 1'
check "superres" has superres 'n["superres"] > 1'
check "another size on an inter frame" has resize 'n["override"] > n["key"] && n["sizes"] > 2'
check "tiles in several tile groups" has tiles 'n["tile_groups"] == 3 * n["frames"] && n["tile_ranges"] == n["tile_groups"]'
check "error resilient mode" has resilient 'n["resilient"] == n["frames"] - n["key"]'
check "segmentation" has lowdelay 'n["segments"] > 0 && n["key"] > 2 && !n["hidden"]'
check "intra block copy" has screen 'n["intrabc"] > 0'
check "lossless frames" has lossless 'n["lossless"] == n["frames"]'
check "one key frame in 48" has onekey 'n["key"] == 2 && n["hidden"] > 0'
check "monochrome" has mono 'n["mono"]'
check "other sizes on key frames" has change 'n["sizes"] > 4'
check "8 and 10 bits" has depths 'n["high"] && n["sizes"] == 3'
tap_done
