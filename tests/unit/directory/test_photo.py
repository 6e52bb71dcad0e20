"""What is sent as a photograph is judged by its content, bounded before it is unpacked, and drawn anew."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from odcore.directory.listing import MOST_PHOTO
from odcore.directory.photo import MOST_SENT, drawn_anew
from odcore.errors import Fault, Kind


def image(form: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (600, 300), **more: object) -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, form, **more)
    return out.getvalue()


def opened(octets: bytes) -> Image.Image:
    return Image.open(BytesIO(octets), formats=("JPEG",))


@pytest.mark.parametrize(
    "sent",
    [image(), image("PNG"), *(image("PNG", mode) for mode in ("RGBA", "L", "LA", "P", "1", "I;16"))]
    + [image("JPEG", mode) for mode in ("L", "CMYK")]
    + [image(progressive=True)],
)
def test_each_kind_of_jpeg_and_png_becomes_a_small_jpeg_of_the_same_shape(sent: bytes):
    drawn = opened(drawn_anew(sent))
    assert (drawn.mode, drawn.size) == ("RGB", (480, 240))


def test_nothing_but_the_picture_is_left_and_it_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[1] = "N 20 17 45"
    sent = image(exif=exif, comment=b"secret-comment", icc_profile=b"secret-profile" * 9) + b"PK\x03\x04 secret-file"
    drawn = drawn_anew(sent)
    assert opened(drawn).size == (240, 480)
    assert not opened(drawn).getexif()
    assert b"secret" in sent
    assert b"secret" not in drawn
    assert b"N 20" not in drawn


def test_what_is_transparent_is_white():
    assert opened(drawn_anew(image("PNG", "RGBA"))).getpixel((5, 5)) == (255, 255, 255)


def test_even_noise_fits_into_the_directory():
    out = BytesIO()
    Image.effect_noise((1000, 1000), 200).convert("RGB").save(out, "PNG")
    assert len(drawn_anew(out.getvalue())) <= MOST_PHOTO


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> bytes:
    """A PNG whose head promises more points than anybody unpacks."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (b"x", Kind.BAD_REQUEST),
        (b"\xff\xd8\xff" + b"x" * 3000, Kind.BAD_REQUEST),
        (image()[:-400], Kind.BAD_REQUEST),
        (image("PNG")[:60], Kind.BAD_REQUEST),
        (image("GIF", "P"), Kind.BAD_REQUEST),
        (image("TIFF"), Kind.BAD_REQUEST),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Kind.BAD_REQUEST),
        (bomb(100, 100), Kind.BAD_REQUEST),
        (bomb(6000, 5000), Kind.TOO_BIG),
        (bomb(60_000, 60_000), Kind.BAD_REQUEST),
        (b"\xff\xd8\xff" + b"x" * MOST_SENT, Kind.TOO_BIG),
    ],
)
def test_what_is_no_picture_is_refused_and_never_more(sent: bytes, kind: Kind):
    with pytest.raises(Fault) as caught:
        drawn_anew(sent)
    assert caught.value.kind is kind
