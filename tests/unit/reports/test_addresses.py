"""Where reports go: what records say, and nobody who never agreed to it."""

import pytest

from odcore.errors import Fault
from odmail.reports.addresses import Wanted, agreed, read
from odtest.zone import TIMEOUT, Zone


@pytest.mark.parametrize(
    ("uris", "found"),
    [
        ("mailto:a@peer.example", [Wanted("a@peer.example")]),
        ("mailto:a@peer.example!10m, MAILTO:b@x.example", [Wanted("a@peer.example", 10 << 20), Wanted("b@x.example")]),
        ("mailto:a%2Bb@peer.example?subject=x", [Wanted("a+b@peer.example")]),
        ("https://peer.example/r?x=1", [Wanted("https://peer.example/r?x=1")]),
        ("http://peer.example/r", []),
        ("ftp:x, javascript:alert(1), mailto:nobody, mailto:, https:, mailto:a@b@c", []),
        ("mailto:a@peer.example%0D%0ABcc:x@y", []),
        ("mailto:a@b.example," * 50, [Wanted("a@b.example")] * 4),
        ("", []),
    ],
)
def test_uris_are_read_and_the_rest_is_left(uris, found):
    assert read(uris) == found


def zone(**records: str) -> Zone:
    made = Zone({("_dmarc.peer.example", "TXT"): ["v=DMARC1; p=none"]})
    for name in ("peer.example", "other.example", "collector.example"):
        made.add(name, "A", "192.0.2.1")
    return made


def test_the_same_organization_agrees_and_another_only_by_its_record():
    names = zone()
    assert agreed("peer.example", Wanted("a@mail.peer.example"), names)
    assert not agreed("peer.example", Wanted("a@collector.example"), names)
    names.add("other.example._report._dmarc.collector.example", "TXT", "v=DMARC1")
    assert not agreed("peer.example", Wanted("a@collector.example"), names)
    names.add("peer.example._report._dmarc.collector.example", "TXT", "v=spf1 -all", "v=DMARC1;")
    assert agreed("peer.example", Wanted("a@collector.example"), names)


def test_a_silent_dns_is_no_answer():
    names = zone()
    names.add("peer.example._report._dmarc.collector.example", "TXT", TIMEOUT)
    with pytest.raises(Fault):
        agreed("peer.example", Wanted("a@collector.example"), names)
