"""A photograph to be sent."""

from io import BytesIO

from PIL import Image


def portrait(form: str = "JPEG") -> bytes:
    """Of nobody."""
    out = BytesIO()
    Image.effect_noise((300, 400), 90).convert("RGB").save(out, form)
    return out.getvalue()
