"""Setting types with units."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odcore.config.types import Duration, HostPort, Network, SecretFile, Size
from odcore.errors import Fault, Kind


@given(st.integers(min_value=0, max_value=1 << 60))
def test_a_size_written_out_reads_as_itself(octets: int):
    assert Size.parse(Size(octets).text) == octets
    assert str(Size(octets)) == str(octets)


@given(st.integers(min_value=0, max_value=10_000_000))
def test_a_duration_written_out_reads_as_itself(millis: int):
    assert Duration.parse(Duration(millis / 1000).text) == pytest.approx(millis / 1000)


@pytest.mark.parametrize("text", ["50 MB", "MiB", "-1", "1 MiB more", "", None, 1.5, True])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError):
        Size.parse(text)


@pytest.mark.parametrize("text", ["5 weeks", "s", "-1", "", None, True])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:143", "127.0.0.1", 143),
        ("[::1]:0", "::1", 0),
        ("*:25", "*", 25),
        ("mail.example:587", "mail.example", 587),
    ],
)
def test_an_address_has_host_and_port(text, host, port):
    parsed = HostPort.parse(text)
    assert (parsed.host, parsed.port) == (host, port)


@pytest.mark.parametrize("text", ["143", ":143", "host", "::1:143", "[::1:143", "host:65536", "host:-1", "host:x", 25])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError):
        HostPort.parse(text)


@pytest.mark.parametrize("text", ["198.51.100.0/24", "2001:db8::/32", "10.1.2.3", "10.1.2.3/8"])
def test_a_network_is_taken_as_it_is_written(text):
    assert Network.parse(text) == text


@pytest.mark.parametrize("text", ["198.51.100/99", "10.0.0.0/33", "office", "", None, 10])
def test_what_is_no_network_is_refused(text):
    with pytest.raises(ValueError, match="expected a network"):
        Network.parse(text)


def test_a_secret_is_read_without_its_newline(tmp_path):
    path = tmp_path / "secret"
    path.write_text("hush\n")
    path.chmod(0o600)
    assert SecretFile(path).read() == "hush"


def test_a_secret_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "secret"
    path.write_text("hush")
    os.chmod(path, 0o640)
    with pytest.raises(Fault) as caught:
        SecretFile(path).read()
    assert caught.value.kind is Kind.DENIED
    assert "hush" not in caught.value.text


def test_a_missing_secret_is_not_found(tmp_path):
    with pytest.raises(Fault) as caught:
        SecretFile(tmp_path / "none").read()
    assert caught.value.kind is Kind.NOT_FOUND
