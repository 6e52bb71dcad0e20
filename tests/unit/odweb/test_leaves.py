"""Long lists are shown a page at a time, and what was searched for is kept from page to page."""

import pytest

from odtest.pages import Kept, Town


@pytest.mark.parametrize(
    ("asked", "shown", "ways"),
    [
        ("", (0, 99), ["next", "?q=rout&amp;page=2"]),
        ("2", (100, 199), ["prev", "?q=rout&amp;page=1", "next", "?q=rout&amp;page=3"]),
        ("3", (200, 249), ["prev", "?q=rout&amp;page=2"]),
        ("99", (200, 249), ["prev", "?q=rout&amp;page=2"]),
        ("x", (0, 99), ["next", "?q=rout&amp;page=2"]),
    ],
)
def test_a_list_is_leafed_through(asked, shown, ways):
    Kept(Town())  # pages can be imported now
    from django.template import Context
    from django.template.loader import get_template
    from django.test import RequestFactory

    from odweb.leaves import leaf

    request = RequestFactory().get("/", {"q": "rout"} | ({"page": asked} if asked else {}))
    page = leaf(request, range(250))
    assert (page[0], page[-1]) == shown
    context = Context({"leaf": page})
    context.request = request
    written = get_template("odweb/leaves.html").template.render(context)
    parts = [each for each in written.replace(">", '"').split('"') if each in ("prev", "next") or "page=" in each]
    assert parts == ways
    assert f"{shown[0] + 1} to {shown[1] + 1} of 250" in written
