"""ENVELOPE on the wire.  RFC 9051 7.5.2"""

from odmail.message.envelope import Addresses, build
from odmail.message.wire import filled, string


def envelope(**fields: bytes) -> bytes:
    found = {name.replace("_", "-").encode(): value for name, value in fields.items()}
    return build(found, Addresses(found))


def test_nothing_is_ten_times_nil():
    assert envelope() == b"(" + b" ".join([b"NIL"] * 10) + b")"


def test_sender_and_reply_to_are_the_author_unless_stated():
    author = b'((NIL NIL "a" "x.example"))'
    assert envelope(from_=b"a@x.example".replace(b"_", b""), **{"from": b"a@x.example"}) == (
        b"(NIL NIL %b %b %b NIL NIL NIL NIL NIL)" % (author, author, author)
    )
    stated = envelope(**{"from": b"a@x.example", "sender": b"b@x.example", "reply_to": b"c@x.example"})
    assert stated.count(b'"a"') == stated.count(b'"b"') == stated.count(b'"c"') == 1


def test_an_empty_sender_counts_as_missing():
    assert envelope(**{"from": b"a@x.example", "sender": b""}).count(b'"a"') == 3


def test_a_source_route_is_the_second_item():
    assert b'("R" "@a,@b" "u" "h")' in envelope(to=b"R <@a,@b:u@h>")


def test_quotes_and_backslashes_are_escaped_and_the_rest_is_literal():
    assert string(b'a"b\\c') == b'"a\\"b\\\\c"'
    assert string("ଓ".encode()) == b"{3}\r\n\xe0\xac\x93"
    assert string(b"a\rb\0") == b"{3}\r\na\rb"
    assert string(b"") == b'""'
    assert filled(b"") == b"NIL"


def test_a_present_but_empty_subject_is_an_empty_string():
    assert envelope(subject=b"").startswith(b'(NIL "" ')
