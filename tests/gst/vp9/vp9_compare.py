#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the controls that the plugin fills for VP9 frames with what FFmpeg reads.

usage: vp9_compare.py VP9_DUMP WORK_DIR [FOLDER_OF_STREAMS]

FFmpeg's bitstream filter trace_headers prints the syntax elements of each frame; what a
driver is told of a frame is worked out from them here, with what earlier frames left. The
streams are clips that vpxenc makes, and those of the folder if it is there. Exit status: 0,
1, or 77 without the tools that make clips.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

REF_FRAMES = 8
LF_DEFAULTS = [1, 0, -1, -1]
FEATURE_BITS = [8, 6, 2, 0]
FEATURES = len(FEATURE_BITS)

# Bits of the control's flags, by the syntax element that sets them.
FRAME_FLAGS = {"show_frame": 0x2, "error_resilient_mode": 0x4, "intra_only": 0x8,
               "allow_high_precision_mv": 0x10, "refresh_frame_context": 0x20}
LF_FLAGS = {"loop_filter_delta_enabled": 0x1, "loop_filter_delta_update": 0x2}
SEG_FLAGS = {"segmentation_enabled": 0x1, "segmentation_update_map": 0x2,
             "segmentation_temporal_update": 0x4, "segmentation_update_data": 0x8}
SEG_ABS = 0x10

# Name, size, frames, pixel format and encoder options of the clips.
CLIPS = [
    ("hidden", "160x96", 60, "yuv420p", "--good --passes=2 --cpu-used=4 --auto-alt-ref=6 "
     "--lag-in-frames=25 --kf-max-dist=30 --target-bitrate=150 --aq-mode=1"),
    ("resize", "480x270", 150, "yuv420p", "--rt --cpu-used=8 --resize-allowed=1 --end-usage=cbr "
     "--lag-in-frames=0 --target-bitrate=40 --min-q=2 --max-q=50 --undershoot-pct=50 "
     "--overshoot-pct=50 --buf-sz=200 --buf-initial-sz=100 --buf-optimal-sz=150"),
    ("tenbit", "178x100", 16, "yuv420p10le",
     "--rt --cpu-used=8 --profile=2 --bit-depth=10 --input-bit-depth=10 --kf-max-dist=6"),
    ("segments", "320x180", 16, "yuv420p",
     "--rt --cpu-used=8 --aq-mode=3 --end-usage=cbr --target-bitrate=100"),
    ("resilient", "320x180", 16, "yuv420p", "--rt --cpu-used=8 --error-resilient=1"),
    ("tiles", "1024x512", 6, "yuv420p", "--rt --cpu-used=8 --tile-columns=2 --tile-rows=2"),
    ("lossless", "96x64", 6, "yuv420p", "--good --cpu-used=4 --lossless=1 --frame-parallel=1"),
    ("profile1", "1x1", 6, "yuv444p", "--rt --cpu-used=8 --profile=1"),
]

# The features that are counted. The clips must have each of them, except those that vpxenc
# never writes, which the streams of the folder have.
WANTED = ["key frames", "hidden", "shown again", "sizes from a reference", "sizes on inter frames",
          "10 bits", "4:4:4", "segmented", "temporal updates", "features kept", "error resilient",
          "several tiles", "deltas updated", "sign biases"]
FOLDER_WANTED = ["intra-only"]


class Stream:
    """The state that the frames so far left for the next frame."""

    def __init__(self):
        self.bit_depth = 0
        self.subsampling = (0, 0)
        self.full_range = 0
        self.ref_deltas = [0] * 4
        self.mode_deltas = [0] * 2
        self.absolute = 0
        self.features = {}          # (segment, feature) to value
        self.sizes = [(0, 0)] * REF_FRAMES
        self.timestamps = [0] * REF_FRAMES
        self.frames = 0
        self.seen = dict.fromkeys(WANTED + FOLDER_WANTED, 0)

    def set_color(self, frame, profile):
        """color_config(), or the inferred values in a profile 0 intra-only frame."""
        if "color_space" not in frame:
            self.bit_depth, self.subsampling, self.full_range = 8, (1, 1), 0
            return
        self.bit_depth = 8
        if profile >= 2:
            self.bit_depth = 12 if frame["ten_or_twelve_bit"] else 10
        if frame["color_space"] == 7:
            self.subsampling, self.full_range = (0, 0), 1
            return
        self.full_range = frame["color_range"]
        self.subsampling = (1, 1)
        if profile in (1, 3):
            self.subsampling = (frame["subsampling_x"], frame["subsampling_y"])

    def size(self, frame, refs):
        """frame_size() or frame_size_with_refs()."""
        for i, ref in enumerate(refs):
            if frame.get(f"found_ref[{i}]"):
                self.seen["sizes from a reference"] += 1
                return self.sizes[ref]
        self.seen["sizes on inter frames"] += bool(refs)
        return frame["frame_width_minus_1"] + 1, frame["frame_height_minus_1"] + 1

    def loop_filter(self, frame):
        """The fields of v4l2_vp9_loop_filter."""
        for name, deltas in (("ref", self.ref_deltas), ("mode", self.mode_deltas)):
            for i in range(len(deltas)):
                if frame.get(f"update_{name}_delta[{i}]"):
                    deltas[i] = frame[f"loop_filter_{name}_deltas[{i}]"]
                    self.seen["deltas updated"] += 1
        return {
            "lf.ref_deltas": list(self.ref_deltas), "lf.mode_deltas": list(self.mode_deltas),
            "lf.level": [frame["loop_filter_level"]],
            "lf.sharpness": [frame["loop_filter_sharpness"]],
            "lf.flags": [flags(frame, LF_FLAGS)],
        }

    def segmentation(self, frame):
        """The fields of v4l2_vp9_segmentation."""
        if frame.get("segmentation_update_data"):
            self.absolute = frame["segmentation_abs_or_delta_update"]
            self.features = {}
            for segment in range(8):
                for feature in range(FEATURES):
                    where = f"[{segment}][{feature}]"
                    if frame["feature_enabled" + where]:
                        value = frame.get("feature_value" + where, 0)
                        if frame.get("feature_sign" + where):
                            value = -value
                        self.features[segment, feature] = value
        elif frame["segmentation_enabled"] and self.features:
            self.seen["features kept"] += 1
        self.seen["segmented"] += frame["segmentation_enabled"]
        self.seen["temporal updates"] += frame.get("segmentation_temporal_update", 0)
        return {
            "seg.feature_data": [self.features.get((s, f), 0)
                                 for s in range(8) for f in range(FEATURES)],
            "seg.feature_enabled": [sum(1 << f for f in range(FEATURES)
                                        if (s, f) in self.features) for s in range(8)],
            "seg.tree_probs": [frame.get(f"segmentation_tree_probs[{i}].prob", 255)
                               for i in range(7)],
            "seg.pred_probs": [frame.get(f"segmentation_pred_prob[{i}].prob", 255)
                               for i in range(3)],
            "seg.flags": [flags(frame, SEG_FLAGS) | (SEG_ABS if self.absolute else 0)],
        }

    def control(self, frame):
        """The fields of v4l2_ctrl_vp9_frame, each a list of values."""
        if frame["show_existing_frame"]:
            self.seen["shown again"] += 1
            return {"show": [frame["frame_to_show_map_idx"]]}
        profile = frame["profile_low_bit"] + 2 * frame["profile_high_bit"]
        key = not frame["frame_type"]
        intra = key or frame.get("intra_only", 0)
        resilient = frame["error_resilient_mode"]
        refs = [] if intra else [frame[f"ref_frame_idx[{i}]"] for i in range(3)]
        biases = [0 if intra or resilient else frame[f"ref_frame_sign_bias[{i}]"]
                  for i in range(1, 4)]
        if intra:
            self.set_color(frame, profile)
        if intra or resilient:
            self.ref_deltas, self.mode_deltas = list(LF_DEFAULTS), [0, 0]
            self.absolute, self.features = 0, {}

        width, height = self.size(frame, refs)
        render = width - 1, height - 1
        if frame["render_and_frame_size_different"]:
            render = frame["render_width_minus_1"], frame["render_height_minus_1"]
        interpolation = 0
        if refs:
            interpolation = 4
            if not frame["is_filter_switchable"]:
                interpolation = [1, 0, 2, 3][frame["raw_interpolation_filter_type"]]
        timestamps = [1000 * self.timestamps[ref] for ref in refs] or [0, 0, 0]
        parallel = 1 if resilient else frame["frame_parallel_decoding_mode"]

        control = {
            **self.loop_filter(frame), **self.segmentation(frame),
            "quant.base_q_idx": [frame["base_q_idx"]],
            **{f"quant.delta_q_{name}": [frame.get(f"delta_q_{name}.delta_q", 0)]
               for name in ("y_dc", "uv_dc", "uv_ac")},
            "flags": [flags(frame, FRAME_FLAGS) | (0x1 if key else 0) | parallel << 6
                      | self.subsampling[0] << 7 | self.subsampling[1] << 8
                      | self.full_range << 9],
            "compressed_header_size": [frame["header_size_in_bytes"]],
            "uncompressed_header_size": [(frame["bits"] + 7) // 8],
            "frame_width_minus_1": [width - 1], "frame_height_minus_1": [height - 1],
            "render_width_minus_1": [render[0]], "render_height_minus_1": [render[1]],
            "last_frame_ts": [timestamps[0]], "golden_frame_ts": [timestamps[1]],
            "alt_frame_ts": [timestamps[2]],
            "ref_frame_sign_bias": [sum(bias << i for i, bias in enumerate(biases))],
            "reset_frame_context": [[0, 0, 1, 2][frame.get("reset_frame_context", 0)]],
            "frame_context_idx": [frame["frame_context_idx"]],
            "profile": [profile], "bit_depth": [self.bit_depth],
            "interpolation_filter": [interpolation],
            "tile_cols_log2": [frame["tile_cols_log2"]],
            "tile_rows_log2": [frame["tile_rows_log2"]],
            "reference_mode": [0],
            "lf.reserved": [0] * 7, "quant.reserved": [0] * 4, "seg.reserved": [0] * 5,
            "reserved": [0] * 7,
        }

        self.frames += 1
        refresh = 0xff if key else frame["refresh_frame_flags"]
        for slot in range(REF_FRAMES):
            if refresh >> slot & 1:
                self.sizes[slot] = width, height
                self.timestamps[slot] = self.frames
        for name, found in (("key frames", key), ("intra-only", intra and not key),
                            ("hidden", not frame["show_frame"]),
                            ("10 bits", self.bit_depth == 10),
                            ("4:4:4", self.subsampling == (0, 0)),
                            ("error resilient", resilient), ("sign biases", any(biases)),
                            ("several tiles", frame["tile_cols_log2"] or frame["tile_rows_log2"])):
            self.seen[name] += bool(found)
        return control


def flags(frame, names):
    """The bits of the syntax elements that are 1."""
    return sum(bit for name, bit in names.items() if frame.get(name))


def traced_frames(path):
    """The syntax elements of each frame, and "bits", the length of the header."""
    trace = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "info", "-i", path, "-map", "0:v:0", "-copyinkf",
         "-c", "copy", "-bsf:v", "vp9_superframe_split,trace_headers", "-f", "null", "-"],
        stderr=subprocess.PIPE, check=True, text=True).stderr
    element = re.compile(r"^\[trace_headers[^]]*\] (\d+) +(\S+) +[01]* = (-?\d+)$")
    frames = []
    for line in trace.splitlines():
        match = element.match(line)
        if match:
            position, name, value = match.groups()
            frames[-1][name] = int(value)
            if name == "header_size_in_bytes":
                frames[-1]["bits"] = int(position) + 16
        elif line.startswith("[trace_headers") and line.endswith("] Frame"):
            frames.append({})
    return frames


def dumped_frames(dump, path):
    """The controls that the plugin fills, as Stream.control() has them."""
    result = subprocess.run([dump, path], stdout=subprocess.PIPE, check=False, text=True)
    frames = []
    for line in result.stdout.splitlines():
        fields = (field.split("=") for field in line.split(" "))
        frames.append({name: [int(value) for value in values.split(",")]
                       for name, values in fields})
    return frames, result.returncode == 0


def make_clip(directory, name, size, frames, pixels, encoder):
    """A clip of moving content, as IVF."""
    source, path = os.path.join(directory, "source.y4m"), os.path.join(directory, name + ".ivf")
    width, height = size.split("x")
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i",
         f"testsrc2=s=256x256:r=25,scale={width}:{height},noise=alls=30:allf=t:all_seed=1",
         "-frames:v", str(frames), "-pix_fmt", pixels, "-strict", "-1", "-f", "yuv4mpegpipe",
         source], check=True)
    subprocess.run(
        ["vpxenc", "--quiet", "--codec=vp9", "--threads=1", "--disable-warning-prompt",
         *encoder.split(), "--ivf", "-o", path, source], check=True, stdin=subprocess.DEVNULL)
    os.remove(source)
    return path


def convert(directory, paths):
    """IVF files of streams in any container, by one run of FFmpeg."""
    command, outputs = ["ffmpeg", "-nostdin", "-v", "error", "-y"], []
    for path in paths:
        command += ["-i", path]
    for i in range(len(paths)):
        outputs.append(os.path.join(directory, f"stream{i}.ivf"))
        command += ["-map", f"{i}:v:0", "-copyinkf", "-c", "copy", outputs[-1]]
    if paths:
        subprocess.run(command, check=True)
    return outputs


def join(directory, paths):
    """One IVF file with all streams concatenated, because FFmpeg takes long to start."""
    joined = os.path.join(directory, "joined.ivf")
    with open(joined, "wb") as out:
        for i, path in enumerate(paths):
            with open(path, "rb") as file:
                out.write(file.read() if i == 0 else file.read()[32:])
    return joined


def compare(dump, path, wanted):
    """Number of frames that are the same; and whether all are, and have what is wanted."""
    stream = Stream()
    traced = traced_frames(path)
    dumped, ok = dumped_frames(dump, path)
    if len(traced) != len(dumped):
        print(f"FFmpeg reads {len(traced)} frames, the plugin {len(dumped)}")
        ok = False
    same = 0
    for i, (elements, control) in enumerate(zip(traced, dumped)):
        expected = stream.control(elements)
        wrong = [f"{name}: {control.get(name)}, expected {expected.get(name)}"
                 for name in sorted({*expected, *control})
                 if control.get(name) != expected.get(name)]
        if wrong:
            print(f"frame {i}:", "; ".join(wrong))
            ok = False
            break
        same += 1
    print(", ".join(f"{name} {count}" for name, count in stream.seen.items()))
    for name in wanted:
        if not stream.seen[name]:
            print(f"no frame has this: {name}")
            ok = False
    return same, ok


def main():
    """See the top."""
    dump, work = sys.argv[1:3]
    folder = sys.argv[3] if len(sys.argv) > 3 else ""
    for tool in ("ffmpeg", "vpxenc"):
        if not shutil.which(tool):
            print(f"{tool} is not installed: no clips to compare")
            return 77
    os.makedirs(work, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work) as directory:
        paths = [make_clip(directory, *clip) for clip in CLIPS]
        total, ok = compare(dump, join(directory, paths), WANTED)
        streams = len(paths)
        if os.path.isdir(folder):
            names = sorted(os.listdir(folder))
            found = convert(directory, [os.path.join(folder, name) for name in names])
            same, folder_ok = compare(dump, join(directory, found), FOLDER_WANTED)
            total, streams, ok = total + same, streams + len(found), ok and folder_ok
        print(f"{total} frames of {streams} streams are the same{'' if ok else ', but not ALL'}")
    return 0 if ok and total else 1


if __name__ == "__main__":
    sys.exit(main())
