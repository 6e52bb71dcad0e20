"""A gateway is asked as its provider wants it; the message goes to the configured address and nowhere else."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from odcore import clock
from odcore.config.load import convert
from odcore.config.types import SecretFile
from odcore.errors import Fault, Kind
from odcore.sms.api import Sms
from odcore.sms.gateway import HttpGateway
from odcore.sms.settings import SmsSettings

TEXT = "Code: %(code)s & more"


class Provider:
    """What it was asked, and what it will answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes, dict[str, str]]] = []
        self.answer = (200, b"OK", "")
        provider = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                provider.asked.append((self.command, self.path, body, dict(self.headers)))
                status, said, location = provider.answer
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST

            def log_message(self, *_args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    thread = threading.Thread(target=provider.server.serve_forever)
    thread.start()
    yield provider
    provider.server.shutdown()
    thread.join()
    provider.server.server_close()


def message(code: str = "12") -> Sms:
    expires = clock.now() + timedelta(hours=1)
    return Sms(number="+919437012345", template="code.or", text=TEXT, facts={"code": code}, expires=expires)


def test_a_gateway_may_want_everything_in_its_address(provider):
    url = provider.url + "/send?to={mobile}&t={text}&dlt={template}&entity=11"
    HttpGateway(SmsSettings(url=url, templates={"code.or": "7001"})).send(message())
    method, path, _, _ = provider.asked[0]
    given = parse_qs(urlsplit(path).query)
    assert (method, given) == (
        "GET",
        {"to": ["9437012345"], "t": ["Code: 12 & more"], "dlt": ["7001"], "entity": ["11"]},
    )


def test_a_gateway_may_want_json_and_a_key_in_a_header(provider, tmp_path):
    key = tmp_path / "key"
    key.write_text("s3cret\n")
    key.chmod(0o600)
    settings = SmsSettings(
        url=provider.url + "/v1",
        body='{"to": "{number}", "text": "{text}"}',
        header="Authorization: Bearer {key}",
        key=SecretFile(str(key)),
    )
    HttpGateway(settings).send(message('"quoted" {key}'))
    _, _, body, headers = provider.asked[0]
    assert json.loads(body) == {"to": "919437012345", "text": 'Code: "quoted" {key} & more'}
    assert headers["Authorization"] == "Bearer s3cret"


def test_a_gateway_may_want_a_form_and_the_text_that_was_registered(provider):
    settings = SmsSettings(url=provider.url + "/", body="to={number}&text={text}", texts={"code.or": "%(code)s + ଓଡ଼ିଆ"})
    HttpGateway(settings).send(message())
    assert parse_qs(provider.asked[0][2].decode()) == {"to": ["919437012345"], "text": ["12 + ଓଡ଼ିଆ"]}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((503, b"", ""), Kind.TRY_LATER),
        ((429, b"", ""), Kind.TRY_LATER),
        ((400, b"", ""), Kind.BAD_REQUEST),
        ((302, b"", "https://elsewhere.example/"), Kind.BAD_REQUEST),
        ((200, b"ERROR 7", ""), Kind.TRY_LATER),
    ],
)
def test_what_a_gateway_answers_decides_what_becomes_of_the_message(provider, answer, kind):
    provider.answer = answer
    with pytest.raises(Fault) as caught:
        HttpGateway(SmsSettings(url=provider.url + "/", success="OK")).send(message())
    assert caught.value.kind is kind
    assert len(provider.asked) == 1


def test_a_gateway_that_is_away_is_asked_later():
    with pytest.raises(Fault) as caught:
        HttpGateway(SmsSettings(url="http://127.0.0.1:9/")).send(message())
    assert caught.value.kind is Kind.TRY_LATER


@pytest.mark.parametrize("url", ["http://gateway.example/", "file:///etc/passwd", "ftp://x", "https://{number}/"])
def test_messages_travel_by_https_or_not_at_all(url):
    with pytest.raises(Fault, match="url"):
        convert({"url": url}, SmsSettings, "x.toml")


def test_a_message_says_nothing_of_itself_in_logs():
    assert "9437" not in repr(message())
    assert "Code" not in repr(message())
