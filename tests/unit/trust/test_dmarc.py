"""DMARC: policies found up the tree (RFC 9989 4.10), alignment, what is asked for; From fields open to two readings."""

import pytest

from odcore.directory.address import domain_key
from odmail.trust import author, dmarc, dmarc_policy
from odmail.trust.dkim_verify import Signature
from odmail.trust.spf import Answer
from odtest.zone import TIMEOUT, Zone

NONE = Answer("none", "")


def zone(**records: str) -> Zone:
    """`a_b="p=none"` publishes at _dmarc.a.b, and a.b exists."""
    made = Zone()
    for name, text in records.items():
        domain = name.replace("_", ".")
        made.add(f"_dmarc.{domain}", "TXT", text if text == TIMEOUT else f"v=DMARC1; {text}")
        made.add(domain, "A", "192.0.2.1")
    return made


def judge(domain: str, names: Zone, spf: str = "", dkim: str = "") -> dmarc.Judgement:
    signatures = [Signature("pass", dkim)] if dkim else []
    return dmarc.judge(domain, Answer("pass", spf) if spf else NONE, signatures, names)


@pytest.mark.parametrize("policy", ["none", "quarantine", "reject"])
def test_unaligned_mail_fails_and_the_owner_says_what_then(policy):
    found = judge("peer.example", zone(peer_example=f"p={policy}"), spf="other.example", dkim="another.example")
    assert (found.result, found.request, found.policy.domain) == ("fail", policy, "peer.example")


@pytest.mark.parametrize("identity", ["peer.example", "mail.peer.example", "a.b.peer.example"])
@pytest.mark.parametrize("method", ["spf", "dkim"])
def test_relaxed_alignment_is_within_the_organization(identity, method):
    names = zone(peer_example="p=reject")
    assert judge("peer.example", names, **{method: identity}).result == "pass"
    assert judge("news.peer.example", names, **{method: identity}).result == "pass"


def test_strict_alignment_is_equality():
    names = zone(peer_example="p=reject; adkim=s; aspf=s")
    assert judge("peer.example", names, dkim="peer.example").result == "pass"
    assert judge("peer.example", names, spf="peer.example").result == "pass"
    assert judge("peer.example", names, dkim="mail.peer.example").result == "fail"
    assert judge("peer.example", names, spf="mail.peer.example").result == "fail"


def test_names_that_only_look_alike_are_not_aligned():
    names = zone(peer_example="p=reject", gov_example="p=none; psd=y", a_gov_example="p=reject", b_gov_example="p=none")
    assert judge("peer.example", names, dkim="notpeer.example").result == "fail"
    assert judge("peer.example", names, dkim="example").result == "fail"
    assert judge("a.gov.example", names, dkim="b.gov.example").result == "fail"  # two organizations below a suffix
    assert judge("a.gov.example", names, dkim="gov.example").result == "fail"


def test_subdomains_have_sp_and_those_that_do_not_exist_np():
    names = zone(peer_example="p=reject; sp=quarantine; np=none")
    names.add("news.peer.example", "A", "192.0.2.1")
    assert judge("peer.example", names).request == "reject"
    assert judge("news.peer.example", names).request == "quarantine"
    assert judge("made-up.peer.example", names).request == "none"
    assert judge("made-up.peer.example", zone(peer_example="p=reject")).request == "reject"


@pytest.mark.parametrize(("testing", "expected"), [("t=y", "quarantine"), ("pct=0", "quarantine"), ("t=n", "reject")])
def test_a_policy_in_testing_asks_for_one_step_less(testing, expected):
    assert judge("peer.example", zone(peer_example=f"p=reject; {testing}")).request == expected


def test_the_walk_asks_at_most_eight_questions():
    names = zone(peer_example="p=reject")
    assert judge("a.b.c.d.e.f.g.h.i.j.mail.peer.example", names).policy.domain == "peer.example"
    assert len([name for name, kind in names.asked if kind == "TXT"]) == 8


def test_psd_n_makes_an_organization_below_another():
    names = zone(peer_example="p=reject", dept_peer_example="p=none; psd=n")
    assert dmarc_policy.discover("a.dept.peer.example", names).organization == "dept.peer.example"
    assert judge("dept.peer.example", names, dkim="peer.example").result == "fail"


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        ("v=DMARC1; p=reject", "reject"),
        ("v=DMARC1;p=REJECT;", "reject"),
        ("v=DMARC1; rua=mailto:x@peer.example", "none"),
        ("v=DMARC1; p=maybe; rua=mailto:x@peer.example", "none"),
        ("v=DMARC1; p=maybe", None),
        ("p=reject; v=DMARC1", None),
        ("v=DMARC2; p=reject", None),
        ("v=DMARC1; p=reject; p=none", None),
        ("junk", None),
        ("", None),
    ],
)
def test_records_are_read_as_the_rfc_has_them(text, request_):
    found = dmarc_policy.read("peer.example", text.encode())
    assert (found.own if found else None) == request_


def test_two_records_are_none():
    names = zone(peer_example="p=reject")
    names.add("_dmarc.peer.example", "TXT", "v=DMARC1; p=none")
    assert judge("peer.example", names).result == "none"


def test_a_silent_dns_is_a_temperror_and_asks_for_nothing():
    assert judge("peer.example", zone(peer_example=TIMEOUT)).result == "temperror"
    found = dmarc.judge("peer.example", Answer("temperror", "peer.example"), [], zone(peer_example="p=reject"))
    assert (found.result, found.request) == ("temperror", "none")


@pytest.mark.parametrize(
    ("lines", "domain"),
    [
        (b"From: a@peer.example\r\n", "peer.example"),
        (b'From: "Boss <boss@bank.example>" <a@peer.example>\r\n', "peer.example"),
        (b"From: =?utf-8?q?boss=40bank.example?= <a@Peer.Example>\r\n", "peer.example"),
        (b"From: a@peer.example (boss@bank.example)\r\n", "peer.example"),
        ("From: a@ଓଡ଼ିଶା.example\r\n".encode(), domain_key("ଓଡ଼ିଶା.example")),
        (b"From: a@peer.example, b@peer.example\r\nSender: a@peer.example\r\n", "peer.example"),
        (b"Subject: x\r\n", ""),
        (b"From: a@peer.example\r\nFrom: b@peer.example\r\n", ""),
        (b"From: a@peer.example\r\nfrom : b@bank.example\r\n", ""),
        (b"From: a@peer.example, b@bank.example\r\nSender: a@peer.example\r\n", ""),
        (b"From: a@peer.example, b@peer.example\r\n", ""),
        (b"From: <a@peer.example>:<b@bank.example>\r\n", ""),
        (b"From: a@peer.example <b@bank.example>\r\n", ""),
        (b"From: <a@peer.example> <b@bank.example>\r\n", ""),
        (b"From: a@peer.example\0@bank.example\r\n", ""),
        (b"From: =?utf-8?q?a=40peer.example?=\r\n", ""),
        (b"From: =?utf-8?q?a?=@peer.example\r\n", ""),
        (b"From: <@bank.example,@b:a@peer.example>\r\n", "peer.example"),
        (b"From: a@peer.example@bank.example\r\n", ""),
        (b"From: group: a@peer.example;\r\n", ""),
        (b"From: group: a@peer.example;\r\nSender: a@peer.example\r\n", ""),
        (b"From: undisclosed:;\r\n", ""),
        (b"From: a@[192.0.2.1]\r\n", ""),
        (b"From: a\r\n", ""),
        (b"From:\r\n", ""),
        (b"From: a@peer..example\r\n", ""),
        (b"From: a@peer.example\r\n <b@bank.example>\r\n", ""),
    ],
)
def test_a11_an_author_is_known_only_where_there_is_one_reading(lines, domain):
    found = author.read(lines)
    assert found.domain == domain
    assert bool(found.problem) != bool(domain)


@pytest.mark.parametrize(
    "line",
    [
        b"From: a@peer.example\r\nFrom: x@odisha.example\r\n",
        b"From: <a@peer.example>:<x@odisha.example>\r\n",
        b"From: a@peer.example, x@odisha.example\r\n",
        b"From: x@ODISHA.example\r\n",
        b"From: friends: x@odisha.example;\r\n",
    ],
)
def test_a11_whoever_could_be_taken_for_ours_claims_to_be(line):
    assert author.claims(author.read(line), lambda domain: domain == "odisha.example")
