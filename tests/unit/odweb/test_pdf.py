"""Documents: whatever came into one, nothing is fetched for it."""

import socket

import pytest

from odtest.pages import Kept, Town
from odweb import pdf


def test_no_file_and_no_address_is_opened_for_a_document(monkeypatch, tmp_path):
    Kept(Town())
    read = tmp_path / "read.svg"
    read.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>secret</text></svg>')
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        there = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        page = f'<link rel="stylesheet" href="{there}"><img src="{there}"><img src="file://{read}"><p>Subject'
        monkeypatch.setattr(pdf, "render_to_string", lambda *_facts: page)
        written = pdf.document("any", {}, "en")
        with pytest.raises(BlockingIOError):
            server.accept()
    monkeypatch.setattr(pdf, "render_to_string", lambda *_facts: page.replace(f"file://{read}", "").replace(there, ""))
    assert abs(len(pdf.document("any", {}, "en")) - len(written)) < 50
