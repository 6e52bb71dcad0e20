"""Photographs of people, as the directory keeps them (jpegPhoto): whatever was sent is drawn anew, small and upright,
so that nothing but the picture is left: no place, no camera, no second file behind it.  RFC 2798 2.6
"""

import struct
from contextlib import suppress
from io import BytesIO

from PIL import Image, ImageOps

from odcore.errors import Fault, Kind

MOST_SENT = 8 << 20
"""Octets of what may be sent."""

_MOST_PIXELS = 25_000_000
_SIDE = 480
_QUALITY = 85
_BROKEN = (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError)
"""What Pillow raises at files that are none, or cut short, or more than they say."""


def drawn_anew(octets: bytes) -> bytes:
    """A JPEG of a JPEG or PNG. Faults BAD_REQUEST for what is neither, or broken; TOO_BIG."""
    if len(octets) > MOST_SENT:
        raise Fault(Kind.TOO_BIG, f"The photograph has more than {MOST_SENT >> 20} MiB: make it smaller.")
    with suppress(*_BROKEN), Image.open(BytesIO(octets), formats=("JPEG", "PNG")) as sent:
        _check_size(sent)
        sent.draft("RGB", (2 * _SIDE, 2 * _SIDE))  # of a JPEG no more is unpacked than is wanted
        return _written(_flat(ImageOps.exif_transpose(sent)))
    raise Fault(Kind.BAD_REQUEST, "The photograph must be a JPEG or PNG, and whole.")


def _check_size(sent: Image.Image) -> None:
    """By what its head says, before anything is unpacked."""
    if sent.width * sent.height > _MOST_PIXELS:
        most = _MOST_PIXELS // 1_000_000
        raise Fault(Kind.TOO_BIG, f"The photograph has more than {most} megapixels: make it smaller.")


def _flat(sent: Image.Image) -> Image.Image:
    """Small, and on white where it is transparent."""
    sent.thumbnail((_SIDE, _SIDE))
    paper = Image.new("RGB", sent.size, "white")
    if sent.has_transparency_data:
        shown = sent.convert("RGBA")
        paper.paste(shown, mask=shown)
    else:
        paper.paste(sent.convert("RGB"))
    return paper


def _written(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()
