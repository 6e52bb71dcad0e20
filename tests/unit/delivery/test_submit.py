"""A submitted header names nobody but its sender, whatever the spelling (A10, A11; CERT VU#244112, VU#517845)."""

import email
import re

import pytest

from odcore.errors import Fault, Kind
from odmail.delivery.submit import revise

OWN = {"me@odisha.example", "post@odisha.example"}


class Me:
    """Who submits: may write as themselves and for the minister, not as the minister."""

    address = "me@odisha.example"

    def may_send_as(self, address: str) -> bool:
        return address.lower() in OWN

    def may_send_on_behalf(self, address: str) -> bool:
        return address.lower() == "minister@odisha.example"


def fix(block: bytes) -> bytes:
    return revise(block, "mail.odisha.example", Me())


@pytest.mark.parametrize(
    "block",
    [
        b"From: me@odisha.example\r\n",
        b"From: Me Myself <me@odisha.example>\r\n",
        b'FROM : "Me, Myself" <ME@odisha.example>\r\n',
        b"From: =?utf-8?b?4Kyu?= <me@odisha.example>\r\n",
        "From: ମୋ <me@odisha.example>\r\n".encode(),
        b"From: me@odisha.example (boss@bank.example)\r\n",
        b"From:\r\n Me\r\n <me@odisha.example>\r\n",
        b"From: me@odisha.example\r\nSender: post@odisha.example\r\n",
        b"From: me@odisha.example, post@odisha.example\r\nSender: me@odisha.example\r\n",
        b"From: me@odisha.example\r\nResent-From: post@odisha.example\r\nReply-To: anybody@bank.example\r\n",
    ],
)
def test_own_addresses_pass_untouched(block):
    assert fix(block).endswith(block)


@pytest.mark.parametrize(
    "block",
    [
        b"From: boss@bank.example\r\n",
        b"From: me@odisha.example\r\nSender: boss@bank.example\r\n",
        b"From: me@odisha.example\r\nResent-From: boss@bank.example\r\n",
        b"From: me@odisha.example\r\nResent-Sender: boss@bank.example\r\n",
        b"From: me@odisha.example, boss@bank.example\r\nSender: me@odisha.example\r\n",
        b'From: "me@odisha.example" <boss@bank.example>\r\n',
        b"From: me@odisha.example <boss@bank.example>\r\n",
        b"From: me@odisha.example\r\n , boss@bank.example\r\nSender: me@odisha.example\r\n",
    ],
)
def test_an_address_of_another_is_refused_in_every_field(block):
    with pytest.raises(Fault) as fault:
        fix(block)
    assert fault.value.kind in (Kind.DENIED, Kind.BAD_REQUEST)


@pytest.mark.parametrize(
    "block",
    [
        b"Subject: nobody\r\n",
        b"From:\r\n",
        b"From: me@odisha.example\r\nFrom: me@odisha.example\r\n",
        b"From: me@odisha.example\r\nfrom: boss@bank.example\r\n",
        b"From: me@odisha.example\r\nFrom : boss@bank.example\r\n",
        b"From: me@odisha.example\r\nSender: me@odisha.example\r\nSender: me@odisha.example\r\n",
        b"From: me@odisha.example, post@odisha.example\r\n",
        b"From: <me@odisha.example>:<boss@bank.example>\r\n",
        b"From: <me@odisha.example> <boss@bank.example>\r\n",
        b"From: me@odisha.example; boss@bank.example\r\n",
        b"From: group: me@odisha.example;\r\n",
        b"From: me@odisha.example@bank.example\r\n",
        b"From: =?utf-8?q?boss=40bank.example?= me@odisha.example\r\n",
        b"From: boss@bank.example\0 <me@odisha.example>\r\n",
        b"From: me\r\n",
        b"From me@odisha.example Mon Nov 23\r\nFrom: me@odisha.example\r\n",
        b"no field at all\r\nFrom: me@odisha.example\r\n",
        b"From: me@odisha.example\r\nSubject: a\r\nSubject: b\r\n",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(block):
    with pytest.raises(Fault) as fault:
        fix(block)
    assert fault.value.kind is Kind.BAD_REQUEST


def test_date_and_message_id_are_added_when_missing_and_only_then():
    added = email.message_from_bytes(fix(b"From: me@odisha.example\r\n"))
    assert re.fullmatch(r"<[0-9a-f-]{36}@mail\.odisha\.example>", added["Message-ID"])
    assert email.utils.parsedate_to_datetime(added["Date"]).tzinfo is not None
    block = b"Date: x\r\nMessage-ID: <y@z>\r\nFrom: me@odisha.example\r\n"
    assert fix(block) == block


def test_private_fields_are_removed_with_their_folds():
    block = b"Date: x\r\nBcc: a@b,\r\n c@d\r\nMessage-ID: <y@z>\r\nReturn-Path: <q@r>\r\n"
    block += b"From: me@odisha.example\r\nBCC:\r\n"
    assert fix(block) == b"Date: x\r\nMessage-ID: <y@z>\r\nFrom: me@odisha.example\r\n"


@pytest.mark.parametrize(
    ("block", "added"),
    [
        (b"From: The Minister <minister@odisha.example>\r\n", True),
        (b"From: minister@odisha.example\r\nSender: Me <me@odisha.example>\r\n", False),
        (b"From: me@odisha.example\r\n", False),
    ],
)
def test_who_writes_on_behalf_is_named_in_sender(block, added):
    """RFC 5322 3.6.2; whoever sends as an address of their own needs no Sender."""
    fixed = fix(block)
    assert fixed.endswith(block)
    assert (b"\r\nSender: <me@odisha.example>\r\n" in fixed) is added


@pytest.mark.parametrize(
    "block",
    [
        b"From: minister@odisha.example\r\nSender: minister@odisha.example\r\n",
        b"From: me@odisha.example\r\nSender: minister@odisha.example\r\n",
        b"From: minister@odisha.example\r\nResent-From: minister@odisha.example\r\n",
        b"From: minister@odisha.example, boss@bank.example\r\nSender: me@odisha.example\r\n",
    ],
)
def test_on_behalf_is_not_as(block):
    """The owner's address stands in From and in no other field of identity."""
    with pytest.raises(Fault) as fault:
        fix(block)
    assert fault.value.kind is Kind.DENIED
