"""Log lines: one each, no secrets, nothing forged."""

import io
import json
import os

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from odcore import log


@pytest.fixture(autouse=True)
def _plain_structlog():
    yield
    structlog.reset_defaults()


def lines_of(style: str, event: str = "seen", **facts: object) -> str:
    stream = io.StringIO()
    structlog.reset_defaults()
    log.configure("mail-1", style=style, stream=stream)
    structlog.get_logger().info(event, **facts)
    return stream.getvalue()


@pytest.mark.parametrize("style", ["console", "json"])
@given(text=st.text())
def test_whatever_a_client_says_stays_on_one_line(style, text):
    written = lines_of(style, helo=text)
    assert written.endswith("\n")
    assert len(written.splitlines()) == 1
    assert "\x1b" not in written


@pytest.mark.parametrize("style", ["console", "json"])
@pytest.mark.parametrize("name", ["password", "Authorization", "cookie", "device_secret", "relay_token", "credentials"])
def test_what_is_named_like_a_secret_is_not_written(style, name):
    assert "hush" not in lines_of(style, **{name: "hush"})


def test_json_lines_hold_event_process_level_and_facts():
    line = json.loads(lines_of("json", "delivered", uid=4, account="a", missing=None))
    assert (line["event"], line["process"], line["level"], line["uid"], line["missing"]) == (
        "delivered",
        "mail-1",
        "info",
        4,
        None,
    )


def test_octets_are_written_readably():
    assert json.loads(lines_of("json", command=b"A1 N\xffOP"))["command"] == "A1 N\\xffOP"


def test_a_console_stack_is_indented_so_that_it_forges_no_line():
    stream = io.StringIO()
    log.configure("mail-1", stream=stream)
    try:
        raise ValueError("one\n23:59:59 mail-1 delivered")
    except ValueError:
        structlog.get_logger().exception("bug")
    first, *rest = stream.getvalue().splitlines()
    assert "bug" in first
    assert all(line.startswith("    | ") for line in rest)


def test_each_line_is_counted_by_its_event():
    counted = []
    structlog.reset_defaults()
    log.configure("mail-1", stream=io.StringIO(), count=lambda event, level: counted.append((event, level)))
    structlog.get_logger().warning("refused")
    structlog.get_logger().debug("below the floor")
    assert counted == [("refused", "warning")]


def test_a_log_that_cannot_be_written_stops_nobody_and_later_says_what_is_missing(monkeypatch, tmp_path):
    """F22: the disk is full for a while; a line that was cut stands alone."""
    path = tmp_path / "log"
    room = [3, 0]  # octets of the next writes
    write = os.write

    def scarce(descriptor: int, octets: bytes) -> int:
        if not room:
            return write(descriptor, octets)
        if not (left := room.pop(0)):
            raise OSError(28, "No space left on device")
        return write(descriptor, octets[:left])

    with path.open("w") as out:
        monkeypatch.setattr(os, "write", scarce)
        log.configure("test", style="json", stream=out)
        for number in range(3):
            structlog.get_logger().info("said", number=number)
    lines = path.read_text().splitlines()
    assert lines[0] == '{"n'
    assert [json.loads(line).get("number", json.loads(line).get("lines")) for line in lines[1:]] == [2, 2]
