#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Headers of AV1 streams as the element and as FFmpeg read them: both must see the same.

usage: compare_trace.py AV1_DUMP [FILE.ivf...]

FFmpeg's bitstream filter trace_headers prints each syntax element. What the controls have
besides is computed from them here, by the text of the "AV1 Bitstream & Decoding Process
Specification". AV1_DUMP prints the controls of the element. Without files, clips are made
and, if they are there, those of ../shared/vectors/av1 are read up to a size.

Exit status: 0 if all are the same, 77 if a tool is missing, 1 otherwise.
"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

KEY, INTER, INTRA_ONLY, SWITCH = range(4)
NONE = 7                         # PRIMARY_REF_NONE
LAST, GOLDEN, BWDREF, ALTREF2, ALTREF = 1, 4, 5, 6, 7
SELECT = 2
MAX_VECTOR = 200_000             # bytes of a file of shared vectors
MAX_VECTORS = 40

TRACE = re.compile(r'^\[trace_headers @ [^]]*\] (.*)$')
ELEMENT = re.compile(r'^(\d+) +(\S+) +([01]*) = (-?\d+)$')
SECTIONS = ('Sequence Header', 'Frame Header', 'Tile Group')
# Syntax elements that are not part of a header
IGNORED = re.compile(r'^(zero_bit|trailing_.*|subexp_.*|.*\.delta_coded)$')

AOM = 'aomenc -q --ivf --passes=1 --cpu-used=6 '
CLIPS = (                        # source of FFmpeg's lavfi, encoder that reads YUV4MPEG2
    ('testsrc2=s=192x144', AOM + '--lag-in-frames=19 - -o'),
    ('mandelbrot=s=200x104 -pix_fmt yuv420p', AOM + '--lag-in-frames=16 --film-grain-test=3 - -o'),
    ('testsrc2=s=320x180 -pix_fmt yuv420p10le',
     AOM + '--lag-in-frames=5 --superres-mode=2 --sb-size=128 - -o'),
    ('testsrc2=s=512x256', AOM + '--lag-in-frames=0 --tile-columns=2 --tile-rows=1 '
     '--num-tile-groups=3 --error-resilient=1 --tune-content=screen - -o'),
    ('testsrc2=s=192x144', AOM + '--lag-in-frames=5 --lossless=1 - -o'),
    ('mandelbrot=s=256x144 -pix_fmt yuv420p', AOM + '--lag-in-frames=8 --resize-mode=2 '
     '--deltaq-mode=1 --delta-lf-mode=1 --enable-qm=1 --aq-mode=1 - -o'),
    ('testsrc2=s=256x144', AOM + '--lag-in-frames=0 --error-resilient=1 --sframe-dist=4 '
     '--sframe-mode=1 - -o'),
    ('testsrc2=s=256x144', AOM + '--lag-in-frames=19 --kf-max-dist=10 --enable-fwd-kf=1 - -o'),
    ('testsrc2=s=256x144', AOM + '--lag-in-frames=0 --monochrome - -o'),
    ("testsrc2=s=176x144,rotate=a='t/2':ow=176:oh=144,zoompan=z='1+in/60':d=1:s=176x144",
     AOM + '--cpu-used=2 --lag-in-frames=12 - -o'),
    ('testsrc2=s=256x144', AOM + '--limit=1 - -o'),
    ('testsrc2=s=256x144 -pix_fmt yuv420p', 'ffmpeg -v error -y -i - -c:v libsvtav1 -preset 6 '
     '-svtav1-params film-grain=8'),
)


def bits(*flags):
    """Flags from the lowest bit on."""
    return sum(bool(flag) << i for i, flag in enumerate(flags))


def round2signed(x, n):
    half = (1 << n) >> 1
    return (x + half) >> n if x >= 0 else -((-x + half) >> n)


def clamp(x, low, high):
    return max(low, min(high, x))


class Elements(dict):
    """Syntax elements of a header by name; unused ones are a mistake of this script."""

    def __init__(self):
        super().__init__()
        self.used = set()
        self.first = self.last = None

    def get(self, name, default=0):
        self.used.add(name)
        return super().get(name, default)

    def unused(self):
        return [n for n in self if n not in self.used and not IGNORED.match(n)]


def read_trace(path):
    """Yields (section, elements, obu header) of an IVF file."""
    run = subprocess.run(['ffmpeg', '-hide_banner', '-nostdin', '-loglevel', 'verbose', '-i', path,
                          '-map', '0:v', '-c', 'copy', '-bsf:v', 'trace_headers', '-f', 'null', '-'],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    obu, section, elements, in_packet = None, None, None, False
    for line in run.stdout.splitlines():
        match = TRACE.match(line)
        if not match:
            continue
        text = match.group(1)
        element = ELEMENT.match(text)
        if element:
            if elements is not None:
                name, value = element.group(2), int(element.group(4))
                elements[name] = value
                end = int(element.group(1)) + len(element.group(3))
                if elements.first is None:
                    elements.first = int(element.group(1))
                elements.last = max(end, elements.last or 0)
            continue
        if section and in_packet:
            yield section, elements, obu
        section, elements = None, None
        if text == 'OBU header':
            section = None
            obu = elements = Elements()
        elif text in SECTIONS:
            section, elements = text, Elements()
        elif text.startswith('Packet:'):
            in_packet = True
    if section and in_packet:
        yield section, elements, obu
    if run.returncode:
        yield 'error', run.stdout[-300:], None


class Slot:
    """The values of a frame that section 7.20 saves."""
    valid = False
    order_hint = 0


def setup_past_independence():
    return {'ref_deltas': [1, 0, 0, 0, -1, 0, -1, -1], 'mode_deltas': [0, 0],
            'features': [[None] * 8 for _ in range(8)],
            'gm': [[0, 0, 1 << 16, 0, 0, 1 << 16] for _ in range(8)]}


def warp_valid(mat):
    """7.11.3.6"""
    if mat[2] <= 0:
        return False
    n = mat[2].bit_length() - 1
    e = mat[2] - (1 << n)
    f = round2signed(e, n - 8) if n > 8 else e << (8 - n)
    factor = ((1 << 22) + ((256 + f) >> 1)) // (256 + f)
    shift = n + 14
    values = [mat[2] - (1 << 16), mat[3], round2signed((mat[4] << 16) * factor, shift),
              mat[5] - round2signed(mat[3] * mat[4] * factor, shift) - (1 << 16)]
    alpha, beta, gamma, delta = (
        abs(round2signed(clamp(v, -32768, 32767), 6) << 6) for v in values)
    return 4 * alpha + 7 * beta < 1 << 16 and 4 * gamma + 4 * delta < 1 << 16


def inverse_recenter(r, v):
    if v > 2 * r:
        return v
    return r - ((v + 1) >> 1) if v & 1 else r + (v >> 1)


def signed_subexp_with_ref(low, high, r, v):
    """5.9.26, from the value that was read"""
    mx, r = high - low, r - low
    if r << 1 <= mx:
        return inverse_recenter(r, v) + low
    return mx - 1 - inverse_recenter(mx - 1 - r, v) + low


class Stream:
    """Computes the controls of one stream from its syntax elements."""

    def __init__(self):
        self.seq = None
        self.slots = [Slot() for _ in range(8)]
        self.pending = None      # the frame whose tile groups come
        self.entries = self.payload = 0

    def relative_dist(self, a, b):
        if not self.order_hint_bits:
            return 0
        m = 1 << (self.order_hint_bits - 1)
        return ((a - b) & (m - 1)) - ((a - b) & m)

    # 5.5.1
    def sequence(self, e):
        for name in list(e):     # those of timing and levels are not in the control
            if re.match(r'(timing_info|num_|time_scale|equal_|decoder_|buffer_|frame_presen|initial_|'
                        r'seq_level|seq_tier|low_delay|encoder_|color_primaries|transfer_|matrix_|'
                        r'color_desc|chroma_sample|operating_point|twelve_bit|high_bit|reduced_|'
                        r'frame_(width|height)_bits|frame_id|delta_frame|additional_|seq_choose|'
                        r'seq_force|subsampling|color_range)', name):
                e.get(name)
        same = self.seq is not None and all(
            self.seq.get(n, None) == e.get(n, None) for n in set(self.seq) | set(e)
            if not re.match(r'(decoder_buffer|encoder_buffer|low_delay)', n))
        if not same:
            self.slots = [Slot() for _ in range(8)]
        profile, mono = e.get('seq_profile'), e.get('mono_chrome')
        depth = 8
        if e.get('high_bitdepth'):
            depth = 12 if profile == 2 and e.get('twelve_bit') else 10
        srgb = (e.get('color_primaries', 2), e.get('transfer_characteristics', 2),
                e.get('matrix_coefficients', 2)) == (1, 13, 0)
        x = y = 0
        if mono or (profile == 0 and not srgb):
            x = y = 1
        elif profile == 2 and not srgb:
            x = e.get('subsampling_x') if depth == 12 else 1
            y = e.get('subsampling_y') if depth == 12 and x else 0
        self.seq, self.mono, self.sub = e, mono, (x, y)
        self.order_hint_bits = e.get('order_hint_bits_minus_1') + 1 \
            if e.get('enable_order_hint') else 0
        names = ('still_picture', 'use_128x128_superblock', 'enable_filter_intra',
                 'enable_intra_edge_filter', 'enable_interintra_compound',
                 'enable_masked_compound', 'enable_warped_motion', 'enable_dual_filter',
                 'enable_order_hint', 'enable_jnt_comp', 'enable_ref_frame_mvs',
                 'enable_superres', 'enable_cdef', 'enable_restoration', 'mono_chrome')
        return {'flags': bits(*[e.get(n) for n in names], srgb and not mono or e.get('color_range'),
                              x, y, e.get('film_grain_params_present'),
                              e.get('separate_uv_delta_q')),
                'seq_profile': profile, 'order_hint_bits': self.order_hint_bits,
                'bit_depth': depth,
                'max_frame_width_minus_1': e.get('max_frame_width_minus_1'),
                'max_frame_height_minus_1': e.get('max_frame_height_minus_1')}

    # 7.8
    def set_frame_refs(self, last, gold, order_hint):
        refs = [-1] * 7
        refs[0], refs[GOLDEN - LAST] = last, gold
        used = {last, gold}
        dist = [self.relative_dist(s.order_hint, order_hint) for s in self.slots]

        def backward(candidates, latest):
            best = -1
            for i in candidates:
                if dist[i] >= 0 and i not in used and (
                        best < 0 or (dist[i] >= dist[best] if latest else dist[i] < dist[best])):
                    best = i
            return best

        def forward():
            best = -1
            for i in range(8):
                if dist[i] < 0 and i not in used and (best < 0 or dist[i] >= dist[best]):
                    best = i
            return best

        for name, latest in ((ALTREF, True), (BWDREF, False), (ALTREF2, False)):
            best = backward(range(8), latest)
            if best >= 0:
                refs[name - LAST] = best
                used.add(best)
        for name in (2, 3, BWDREF, ALTREF2, ALTREF):
            if refs[name - LAST] < 0:
                best = forward()
                if best >= 0:
                    refs[name - LAST] = best
                    used.add(best)
        earliest = min(range(8), key=lambda i: dist[i])
        return [earliest if r < 0 else r for r in refs]

    # 5.9.5 to 5.9.9
    def frame_size(self, e, c, override, refs):
        slot = None
        if override and refs is not None and not c['error_resilient']:
            for i in range(7):
                if e.get(f'found_ref[{i}]'):
                    slot = self.slots[refs[i]]
                    break
        if slot:
            width, height = slot.upscaled_width, slot.frame_height
            render = slot.render
        else:
            width = self.seq.get('max_frame_width_minus_1') + 1
            height = self.seq.get('max_frame_height_minus_1') + 1
            if override:
                width = e.get('frame_width_minus_1') + 1
                height = e.get('frame_height_minus_1') + 1
            render = (width, height)
            if e.get('render_and_frame_size_different'):
                render = (e.get('render_width_minus_1') + 1, e.get('render_height_minus_1') + 1)
        denom = e.get('coded_denom') + 9 if e.get('use_superres') else 8
        c.update(upscaled_width=width, height=height, render=render, denom=denom,
                 width=(width * 8 + denom // 2) // denom)

    # 5.9.15
    def tile_info(self, e, c):
        shift = 5 if self.seq.get('use_128x128_superblock') else 4
        mi = [2 * ((c['width'] + 7) >> 3), 2 * ((c['height'] + 7) >> 3)]
        out = {}
        logs = []
        uniform = e.get('uniform_tile_spacing_flag')
        for n, (axis, size) in enumerate((('col', 'width'), ('row', 'height'))):
            total = (mi[n] + (1 << shift) - 1) >> shift
            if uniform:
                log2 = e.get(f'tile_{axis}s_log2')
                step = (total + (1 << log2) - 1) >> log2
                starts = list(range(0, total, step))
            else:
                starts, start = [], 0
                while start < total:
                    starts.append(start)
                    start += e.get(f'{size}_in_sbs_minus_1[{len(starts) - 1}]') + 1
                log2 = (len(starts) - 1).bit_length()
            logs.append(log2)
            ends = starts[1:] + [total]
            out[f'tile_info.tile_{axis}s'] = len(starts)
            out[f'tile_info.mi_{axis}_starts'] = [s << shift for s in starts] + [mi[n]]
            out[f'tile_info.{size}_in_sbs_minus_1'] = [b - a - 1 for a, b in zip(starts, ends)]
        out['tile_info.flags'] = bits(uniform)
        out['tile_info.context_update_tile_id'] = e.get('context_update_tile_id')
        out['tile_info.tile_size_bytes'] = e.get('tile_size_bytes_minus1') + 1 if sum(logs) else 0
        c['tiles'] = out['tile_info.tile_cols'] * out['tile_info.tile_rows']
        return out

    def quantization(self, e):
        q = {f'quantization.delta_q_{p}': e.get(f'delta_q_{p}.delta_q')
             for p in ('y_dc', 'u_dc', 'u_ac', 'v_dc', 'v_ac')}
        if not e.get('diff_uv_delta'):
            q['quantization.delta_q_v_dc'] = q['quantization.delta_q_u_dc']
            q['quantization.delta_q_v_ac'] = q['quantization.delta_q_u_ac']
        separate = self.seq.get('separate_uv_delta_q')
        q.update({'quantization.flags': bits(e.get('diff_uv_delta'), e.get('using_qmatrix'),
                                             e.get('delta_q_present')),
                  'quantization.base_q_idx': e.get('base_q_idx'),
                  'quantization.qm_y': e.get('qm_y'), 'quantization.qm_u': e.get('qm_u'),
                  'quantization.qm_v': e.get('qm_v') if separate else e.get('qm_u'),
                  'quantization.delta_q_res': e.get('delta_q_res')})
        return q

    # 5.9.14
    def segmentation(self, e, c, state):
        enabled = e.get('segmentation_enabled')
        fresh = c['primary'] == NONE
        update_map = enabled and (fresh or e.get('segmentation_update_map'))
        temporal = enabled and e.get('segmentation_temporal_update')
        update_data = enabled and (fresh or e.get('segmentation_update_data'))
        if not enabled:
            state['features'] = [[None] * 8 for _ in range(8)]
        elif update_data:
            maxima = (255, 63, 63, 63, 63, 7, 0, 0)
            state['features'] = [
                [clamp(e.get(f'feature_value[{i}][{j}]'), -maxima[j] if j < 5 else 0, maxima[j])
                 if e.get(f'feature_enabled[{i}][{j}]') else None for j in range(8)]
                for i in range(8)]
        features = state['features']
        on = [bits(*[v is not None for v in row]) for row in features]
        return {'segmentation.flags': bits(enabled, update_map, temporal, update_data,
                                           any(row >> 5 for row in on)),
                'segmentation.last_active_seg_id': max([i for i in range(8) if on[i]], default=0),
                'segmentation.feature_enabled': on,
                'segmentation.feature_data': [v or 0 for row in features for v in row]}

    def filters(self, e, c, state):
        out, mono = {}, self.mono
        off = c['coded_lossless'] or c['intrabc']
        if off:
            state.update(ref_deltas=setup_past_independence()['ref_deltas'], mode_deltas=[0, 0])
        for i in range(8):
            if e.get(f'update_ref_delta[{i}]'):
                state['ref_deltas'][i] = e.get(f'loop_filter_ref_deltas[{i}]')
        for i in range(2):
            if e.get(f'update_mode_delta[{i}]'):
                state['mode_deltas'][i] = e.get(f'loop_filter_mode_deltas[{i}]')
        out.update({
            'loop_filter.flags': bits(e.get('loop_filter_delta_enabled'),
                                      e.get('loop_filter_delta_update'),
                                      e.get('delta_lf_present'), e.get('delta_lf_multi')),
            'loop_filter.level': [e.get(f'loop_filter_level[{i}]') for i in range(4)],
            'loop_filter.sharpness': e.get('loop_filter_sharpness'),
            'loop_filter.ref_deltas': list(state['ref_deltas']),
            'loop_filter.mode_deltas': list(state['mode_deltas']),
            'loop_filter.delta_lf_res': e.get('delta_lf_res'),
            'cdef.damping_minus_3': e.get('cdef_damping_minus_3'),
            'cdef.bits': e.get('cdef_bits')})
        for plane in ('y', 'uv'):
            out[f'cdef.{plane}_pri_strength'] = [
                e.get(f'cdef_{plane}_pri_strength[{i}]') for i in range(8)]
            out[f'cdef.{plane}_sec_strength'] = [
                (0, 1, 2, 4)[e.get(f'cdef_{plane}_sec_strength[{i}]')] for i in range(8)]
        types = [(0, 3, 1, 2)[e.get(f'lr_type[{i}]')] for i in range(1 if mono else 3)]
        types += [0] * (3 - len(types))
        # The value that FFmpeg prints has all that is added to it.
        unit, uv = e.get('lr_unit_shift'), e.get('lr_uv_shift')
        size = 64 << unit if any(types) else 0
        out.update({'loop_restoration.flags': bits(any(types), any(types[1:])),
                    'loop_restoration.lr_unit_shift': unit, 'loop_restoration.lr_uv_shift': uv,
                    'loop_restoration.frame_restoration_type': types,
                    'loop_restoration.loop_restoration_size': [size, size >> uv, size >> uv]})
        return out

    # 5.9.22
    def skip_mode(self, e, c):
        hints = [self.slots[r].order_hint for r in c['refs']] if c['refs'] else []

        def nearest(limit, before):
            best = None
            for i, hint in enumerate(hints):
                d = self.relative_dist(hint, limit)
                if (d < 0 if before else d > 0) and (
                        best is None or
                        (self.relative_dist(hint, hints[best]) > 0) == before and
                        self.relative_dist(hint, hints[best]) != 0):
                    best = i
            return best

        if not hints or not e.get('reference_select') or not self.order_hint_bits:
            return [0, 0]
        first = nearest(c['order_hint'], True)
        if first is None:
            return [0, 0]
        second = nearest(c['order_hint'], False)
        if second is None:
            second = nearest(hints[first], True)
        return [0, 0] if second is None else sorted((LAST + first, LAST + second))

    # 5.9.24
    def global_motion(self, e, c, state):
        default = setup_past_independence()['gm']
        previous, params = state['gm'], [list(p) for p in default]
        flags, types, invalid = [0] * 8, [0] * 8, 0
        for ref in range(1, 8):
            is_global, rot_zoom = e.get(f'is_global[{ref}]'), e.get(f'is_rot_zoom[{ref}]')
            translation = e.get(f'is_translation[{ref}]')
            flags[ref] = bits(is_global, rot_zoom, translation)
            types[ref] = 0 if not is_global else 2 if rot_zoom else 1 if translation else 3
            for i in (2, 3, 4, 5, 0, 1):
                if f'gm_params[{ref}][{i}]' not in e:
                    continue
                absolute, precision = 12, 15
                if i < 2:
                    precision = 6
                    if types[ref] == 1:
                        low = not e.get('allow_high_precision_mv')
                        absolute, precision = 9 - low, 3 - low
                diff, mx = 16 - precision, 1 << absolute
                one = 1 if i % 3 == 2 else 0
                r = (previous[ref][i] >> diff) - (one << precision)
                value = signed_subexp_with_ref(-mx, mx + 1, r, e.get(f'gm_params[{ref}][{i}]'))
                params[ref][i] = (value << diff) + (one << 16)
            if types[ref] == 2:
                params[ref][4], params[ref][5] = -params[ref][3], params[ref][2]
            if not c['intra'] and not warp_valid(params[ref]):
                invalid |= 1 << ref
        state['gm'] = params
        return {'global_motion.flags': flags, 'global_motion.type': types,
                'global_motion.params': [v for p in params for v in p],
                'global_motion.invalid': invalid}

    # 5.9.30
    def film_grain(self, e, c):
        scalars = ('grain_seed', 'num_y_points', 'num_cb_points', 'num_cr_points',
                   'grain_scaling_minus_8', 'ar_coeff_lag', 'ar_coeff_shift_minus_6',
                   'grain_scale_shift', 'cb_mult', 'cb_luma_mult', 'cb_offset', 'cr_mult',
                   'cr_luma_mult', 'cr_offset')
        arrays = {f'point_{p}_{v}': 16 for p in ('y', 'cb', 'cr') for v in ('value', 'scaling')}
        arrays.update({f'ar_coeffs_{p}_plus_128': 25 for p in ('y', 'cb', 'cr')})
        update = e.get('update_grain') if c['type'] == INTER else 1
        grain = {n: e.get(n) for n in scalars}
        grain.update({n: [e.get(f'{n}[{i}]') for i in range(k)] for n, k in arrays.items()})
        grain['flags'] = bits(e.get('apply_grain'), e.get('apply_grain') and update,
                              e.get('chroma_scaling_from_luma'), e.get('overlap_flag'),
                              e.get('clip_to_restricted_range'))
        if e.get('apply_grain') and not update:
            grain = dict(self.slots[e.get('film_grain_params_ref_idx')].grain)
            grain['grain_seed'] = e.get('grain_seed')
        return grain

    # 5.9.2
    def frame(self, e):
        seq = self.seq
        reduced = seq.get('reduced_still_picture_header')
        e.get('frame_presentation_time')
        if e.get('show_existing_frame'):
            index = e.get('frame_to_show_map_idx')
            e.get('display_frame_id')
            slot = self.slots[index]
            if slot.type == KEY:
                self.slots = [slot] * 8
            yield 'show', {'frame_to_show_map_idx': index, 'control.frame_type': slot.type,
                           'control.refresh_frame_flags': 255 if slot.type == KEY else 0}
            return
        c = {'type': e.get('frame_type')}
        show = 1 if reduced else e.get('show_frame')
        intra = c['intra'] = c['type'] in (KEY, INTRA_ONLY)
        shown_key = c['type'] == KEY and show
        showable = e.get('showable_frame') if not show else c['type'] != KEY
        resilient = shown_key or c['type'] == SWITCH or e.get('error_resilient_mode')
        c['error_resilient'] = resilient
        sct = seq.get('seq_force_screen_content_tools', SELECT)
        sct = e.get('allow_screen_content_tools') if sct == SELECT else sct
        integer = seq.get('seq_force_integer_mv', SELECT)
        integer = sct and (e.get('force_integer_mv') if integer == SELECT else integer)
        e.get('force_integer_mv')
        override = c['type'] == SWITCH or e.get('frame_size_override_flag')
        c['order_hint'] = e.get('order_hint')
        c['primary'] = e.get('primary_ref_frame', NONE)
        refresh = e.get('refresh_frame_flags', 255)
        if shown_key:
            self.slots = [Slot() for _ in range(8)]
        for i in range(8):
            hint = e.get(f'ref_order_hint[{i}]', None)
            if hint is not None and hint != self.slots[i].order_hint:
                self.slots[i] = Slot()
                self.slots[i].order_hint = hint
        refs = c['refs'] = None
        if not intra:
            if e.get('frame_refs_short_signaling'):
                refs = self.set_frame_refs(e.get('last_frame_idx'), e.get('golden_frame_idx'),
                                           c['order_hint'])
            else:
                refs = [e.get(f'ref_frame_idx[{i}]') for i in range(7)]
            for i in range(7):
                e.get(f'delta_frame_id_minus1[{i}]')
            c['refs'] = refs
        self.frame_size(e, c, override, refs)
        c['intrabc'] = e.get('allow_intrabc')
        state = setup_past_independence()
        if c['primary'] != NONE:
            saved = self.slots[refs[c['primary']]].state
            state = {k: [list(v) if isinstance(v, list) else v for v in saved[k]] for k in saved}
        out = self.tile_info(e, c)
        out.update(self.quantization(e))
        out.update(self.segmentation(e, c, state))
        lossless = not any(out[f'quantization.delta_q_{p}']
                           for p in ('y_dc', 'u_dc', 'u_ac', 'v_dc', 'v_ac'))
        c['coded_lossless'] = lossless and all(
            clamp(e.get('base_q_idx') + (row[0] or 0), 0, 255) == 0 for row in state['features'])
        out.update(self.filters(e, c, state))
        skip = self.skip_mode(e, c)
        out.update(self.global_motion(e, c, state))
        no_update = reduced or e.get('disable_cdf_update') or e.get('disable_frame_end_update_cdf')
        out.update({
            'superres_denom': c['denom'], 'skip_mode_frame': skip,
            'primary_ref_frame': c['primary'],
            'flags': bits(show, showable, resilient, e.get('disable_cdf_update'), sct,
                          integer or intra, c['intrabc'], e.get('use_superres'),
                          e.get('allow_high_precision_mv'), e.get('is_motion_mode_switchable'),
                          e.get('use_ref_frame_mvs'), no_update, e.get('allow_warped_motion'),
                          e.get('reference_select'), e.get('reduced_tx_set'), skip[0],
                          e.get('skip_mode_present'), override,
                          e.get('buffer_removal_time_present_flag'),
                          e.get('frame_refs_short_signaling')),
            'frame_type': c['type'], 'order_hint': c['order_hint'],
            'upscaled_width': c['upscaled_width'],
            'interpolation_filter': 0 if intra else
            4 if e.get('is_filter_switchable') else e.get('interpolation_filter'),
            'tx_mode': e.get('tx_mode'),
            'frame_width_minus_1': c['width'] - 1, 'frame_height_minus_1': c['height'] - 1,
            'render_width_minus_1': c['render'][0] - 1,
            'render_height_minus_1': c['render'][1] - 1,
            'current_frame_id': e.get('current_frame_id'),
            'buffer_removal_time': [e.get(f'buffer_removal_time[{i}]') for i in range(32)],
            'order_hints': [0] + ([self.slots[r].order_hint for r in refs] if refs else []),
            'ref_frame_idx': refs or [0], 'refresh_frame_flags': refresh})
        grain = self.film_grain(e, c)
        new = Slot()
        new.valid, new.type, new.order_hint = True, c['type'], c['order_hint']
        new.upscaled_width, new.frame_height = c['upscaled_width'], c['height']
        new.render, new.grain, new.state = c['render'], grain, state
        self.pending = (refresh, new, c['tiles'])
        self.entries = self.payload = 0
        yield 'frame', out
        yield 'grain', grain

    # 5.11.1
    def tile_group(self, e, obu):
        refresh, new, tiles = self.pending
        present = e.get('tile_start_and_end_present_flag')
        e.get('tg_start')
        self.entries = e.get('tg_end') + 1 if present else tiles
        self.payload += obu.get('obu_size')
        if self.entries == tiles:
            self.slots = [new if refresh >> i & 1 else s for i, s in enumerate(self.slots)]
            self.pending = None
        return {'n_entries': self.entries, 'end': self.payload}

    def expect(self, path):
        """Yields (kind, fields) of all that the element sends."""
        size = None
        for section, e, obu in read_trace(path):
            if section == 'error':
                raise ValueError(f'ffmpeg failed: {e}')
            if section == 'Sequence Header':
                yield 'sequence', self.sequence(e)
            elif not self.in_operating_point(obu):
                continue
            elif section == 'Frame Header' and self.pending is None and e:
                yield from self.frame(e)
                size = (e.last - e.first + 7) // 8
            elif section == 'Tile Group':
                if obu.get('obu_type') == 6:
                    yield 'header', {'size': size}
                yield 'tiles', self.tile_group(e, obu)
            if e.unused():
                raise ValueError(f'this script does not know {e.unused()}')

    def in_operating_point(self, obu):
        idc = self.seq.get('operating_point_idc[0]')
        return not obu.get('obu_extension_flag') or not idc or (
            idc >> obu.get('temporal_id') & idc >> obu.get('spatial_id') + 8 & 1)


def read_dump(program, path):
    run = subprocess.run([program, path], stdout=subprocess.PIPE, text=True, check=False)
    kind, fields = None, {}
    for line in run.stdout.splitlines():
        if line.startswith('= '):
            if kind:
                yield kind, fields
            kind, fields = line[2:], {}
        elif kind == 'error':
            raise ValueError(f'the element says: {line}')
        else:
            name, *values = line.split()
            fields[name] = [int(v) for v in values]
    if kind:
        yield kind, fields
    if run.returncode:
        raise ValueError(f'{program} ends with {run.returncode}')


def compare(program, path):
    """Returns how many frames are the same; raises ValueError with the first difference."""
    expected = Stream().expect(path)
    frames = 0
    for number, (kind, fields) in enumerate(read_dump(program, path)):
        want_kind, want = next(expected, ('the end', {}))
        if kind != want_kind:
            raise ValueError(f'item {number} is {kind}, expected {want_kind}')
        if set(fields) != set(want):
            raise ValueError(f'{kind} has other fields: {set(fields) ^ set(want)}')
        for name, values in fields.items():
            right = want[name] if isinstance(want[name], list) else [want[name]]
            right = [int(v) for v in right] + [0] * (len(values) - len(right))
            if values != right:
                raise ValueError(f'frame {frames}, {kind}: {name} is {values}, expected {right}')
        frames += kind in ('frame', 'show')
    rest = next(expected, None)
    if rest:
        raise ValueError(f'the element ends before {rest[0]} of frame {frames}')
    if not frames:
        raise ValueError('no frames')
    return frames


def make_clip(index, folder):
    source, encoder = CLIPS[index]
    path = os.path.join(folder, f'clip{index}.ivf')
    command = (f'ffmpeg -nostdin -v error -f lavfi -i {source} -frames:v 16 -strict -1 '
               f'-f yuv4mpegpipe - | {encoder} {path}')
    run = subprocess.run(command, shell=True, stderr=subprocess.PIPE, text=True, check=False)
    if run.returncode:
        raise ValueError(f'{command} fails: {run.stderr}')
    return path


def vectors():
    """At most MAX_VECTORS of the small files."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          *['..'] * 4, 'shared', 'vectors', 'av1')
    files = []
    if os.path.isdir(folder):
        files = [os.path.join(folder, n) for n in sorted(os.listdir(folder)) if n.endswith('.ivf')]
        files = [f for f in files if os.path.getsize(f) <= MAX_VECTOR]
    step = max(1, -(-len(files) // MAX_VECTORS))
    return files[::step]


def main():
    program, files = sys.argv[1], sys.argv[2:]
    for tool in ('ffmpeg', 'aomenc'):
        if not shutil.which(tool):
            print(f'there is no {tool}')
            return 77
    with tempfile.TemporaryDirectory() as folder:
        if not files:
            files = list(range(len(CLIPS))) + vectors()
        total = same = 0

        def run(path):
            try:
                if isinstance(path, int):
                    path = make_clip(path, folder)
                return path, compare(program, path), None
            except ValueError as error:
                return path, 0, error

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for path, frames, error in pool.map(run, files):
                total += frames
                same += error is None
                if error:
                    print(f'DIFFERS: {path}: {error}')
    print(f'{same} of {len(files)} streams are the same, {total} frames were compared')
    return 0 if same == len(files) > 0 and total > 0 else 1


if __name__ == '__main__':
    sys.exit(main())
