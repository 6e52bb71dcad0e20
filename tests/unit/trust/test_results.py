"""Authentication-Results: one of ours, none that lies, and nothing in it that a sender could break out with."""

import pytest

from odmail.queue.verdict import Finding
from odmail.trust import results

HOST = "mail.odisha.example"


def test_the_field_tells_method_result_and_identity():
    field = results.field(
        HOST,
        [
            Finding("dmarc", "pass", facts=(("header.from", "peer.example"),)),
            Finding("dnsbl", "listed"),
            Finding("spf", "pass", facts=(("smtp.mailfrom", "a@peer.example"),)),
            Finding("dkim", "fail", "the body was changed", facts=(("header.d", "peer.example"), ("header.i", ""))),
        ],
    )
    assert field == (
        b"Authentication-Results: mail.odisha.example;\r\n"
        b"\tspf=pass smtp.mailfrom=a@peer.example;\r\n"
        b'\tdkim=fail reason="the body was changed" header.d=peer.example;\r\n'
        b"\tdmarc=pass header.from=peer.example\r\n"
    )
    assert results.field(HOST, []) == b"Authentication-Results: mail.odisha.example;\r\n\tnone\r\n"


@pytest.mark.parametrize("evil", ['a"b@c', "a;dmarc=pass@c", "a\r\nX: y@c", "a b@c", "ଓଡ଼ିଆ@c", "(x)@c", "a\\@c"])
def test_no_address_breaks_out_of_the_field(evil):
    field = results.field(HOST, [Finding("spf", "fail", f"no {evil}", facts=(("smtp.mailfrom", evil),))])
    value = field.partition(b"smtp.mailfrom=")[2].removesuffix(b"\r\n")
    assert value.startswith(b'"')
    assert value.endswith(b'"')
    assert not set(value[1:-1]) & set(b'"\r\n\\')
    assert field.count(b"\r\n") == 2


@pytest.mark.parametrize(
    "line",
    [
        b"Authentication-Results: mail.odisha.example; dmarc=pass\r\n",
        b"authentication-results : MAIL.odisha.example; dmarc=pass\r\n",
        b"Authentication-Results: (comment (nested)) mail.odisha.example 1; dmarc=pass\r\n",
        b'Authentication-Results: "mail.odisha.example"; dmarc=pass\r\n',
        b"Authentication-Results:\r\n mail.odisha.example;\r\n dmarc=pass\r\n",
        b"Authentication-Results: ; dmarc=pass\r\n",
        b"X-Spam-Flag: NO\r\n",
        b"X-Spam-Score: -100\r\n",
    ],
)
def test_forged_fields_go_and_others_stay(line):
    rest = b"From: a@b\r\nAuthentication-Results: peer.example; spf=pass\r\nSubject: X-Spam-Flag: NO\r\n"
    assert results.without_forged(line + rest, HOST, (b"x-spam-",)) == rest
    assert results.without_forged(rest + line + rest, HOST, (b"x-spam-",)) == rest + rest
