# SPDX-License-Identifier: LGPL-2.1-or-later
"""Decoder classes of Daedalus for fluster: link this file into its fluster/decoders/."""

from fluster.codec import Codec
from fluster.decoder import register_decoder
from fluster.decoders.gstreamer import GStreamerVideo

# References have no pictures that are damaged from the start. The elements flag them.
WITH = "discard-corrupted-frames=true"


@register_decoder
class GStreamerDaedalusVP9Decoder(GStreamerVideo):
    """VP9 through daedalusvp9dec"""

    codec = Codec.VP9
    decoder_bin = f" daedalusvp9dec {WITH} "
    api = "Daedalus"


@register_decoder
class GStreamerDaedalusH264Decoder(GStreamerVideo):
    """H.264 through daedalush264dec"""

    codec = Codec.H264
    decoder_bin = f" daedalush264dec {WITH} "
    api = "Daedalus"


@register_decoder
class GStreamerDaedalusAV1Decoder(GStreamerVideo):
    """AV1 through daedalusav1dec"""

    codec = Codec.AV1
    decoder_bin = f" daedalusav1dec {WITH} "
    api = "Daedalus"
