"""Pages on paper. WeasyPrint sets them, for Pango shapes Odia and Hindi as they must be; it may fetch nothing."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import override


def document(template: str, facts: dict[str, Any], language: str) -> bytes:
    """A PDF in this language."""
    from weasyprint import HTML  # heavy, and seldom wanted
    from weasyprint.urls import URLFetcher

    with override(language):
        page = render_to_string(template, facts | {"language": language})
    nothing = URLFetcher(allowed_protocols=())  # whatever a subject line says: no file and no address is opened for it
    written: bytes = HTML(string=page, url_fetcher=nothing).write_pdf()
    return written
