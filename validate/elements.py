# SPDX-License-Identifier: LGPL-2.1-or-later
"""The codecs of the lists and their GStreamer elements."""

import dataclasses
import os


@dataclasses.dataclass(frozen=True)
class Codec:
    """A codec that Daedalus decodes.

    NAME is fluster's name of it, PROBED is FFmpeg's. OURS and STOCK decode with our
    device, SOFTWARE has the software elements, best first. UNPARSED has the streams that
    the parser rejects: our element gets them after these elements or caps instead.
    """
    name: str
    probed: str
    ours: str
    stock: str
    software: tuple
    unparsed: dict = dataclasses.field(default_factory=dict)


BYTES = "video/x-h264,stream-format=byte-stream"
CODECS = {codec.name: codec for codec in (
    Codec("VP9", "vp9", "daedalusvp9dec", "v4l2slvp9dec", ("avdec_vp9", "vp9dec")),
    Codec("H.264", "h264", "daedalush264dec", "v4l2slh264dec", ("avdec_h264",),
          {"FRExt2_Panasonic": BYTES, "goh264-high14_p16x16_cavlc_p": BYTES}),
    # Of the file, only the container is taken off. av1parse takes other operating
    # parameters for another sequence, which has to begin with a key frame.
    Codec("AV1", "av1", "daedalusav1dec", "v4l2slav1dec", ("dav1ddec", "av1dec"),
          {"dav1d-8b-features-seq_hdr_op_param_info":
           "ivfparse ! capssetter caps=video/x-av1,stream-format=obu-stream,alignment=tu"}),
)}

# References have no pictures that are damaged from the start. Ours are flagged.
OURS_WITH = "discard-corrupted-frames=true"


def alias(decoder, codec):
    """The element that "ours", "stock" and "software" stand for; others as they are."""
    known = CODECS.get(codec)
    if known and decoder in ("ours", "stock"):
        return getattr(known, decoder)
    if known and decoder == "software":
        return known.software[0]
    return decoder


def codec_of(decoder):
    """fluster's name of the codec of an element that only decodes one of ours, or None."""
    element = decoder.split()[0]
    return next((codec.name for codec in CODECS.values()
                 if element in (codec.ours, codec.stock, *codec.software)), None)


def is_ours(decoder):
    """Is this one of our elements, or their double in tests/e2e/ffmpeg?"""
    ours = [codec.ours for codec in CODECS.values()]
    return decoder.split()[0] in ours + [name.replace("daedalus", "ffmpeg") for name in ours]


def with_properties(decoder):
    """The element with the properties that a comparison with a reference needs."""
    return f"{decoder} {OURS_WITH}" if is_ours(decoder) and len(decoder.split()) == 1 else decoder


def bare(path, codec):
    """Is this an AV1 stream without a container, which parsebin does not recognize?"""
    return codec == "AV1" and os.path.splitext(path)[1] == ".obu"


def front(path, vector, codec, decoder):
    """The elements or caps between the file and the decoder; "" means parsebin."""
    known = CODECS.get(codec)
    if known and is_ours(decoder) and vector["name"] in known.unparsed:
        return known.unparsed[vector["name"]]
    return "av1parse" if bare(path, codec) else ""
