"""A certificate is believed when a TLSA record asks for it, and never else (RFC 6698, RFC 7671)."""

import pytest

from odcore.net.dane import fits, usable
from odcore.net.dns import Tlsa
from odtest import chain as chains

NAMES = ("mx.example", "peer.example")
ALL = [(usage, selector, matching) for usage in (2, 3) for selector in (0, 1) for matching in (0, 1, 2)]
EARLIER = 1  # of the chain: the authority


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    return chains.made(tmp_path_factory.mktemp("mx"))


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    return chains.made(tmp_path_factory.mktemp("other"))


@pytest.mark.parametrize(("usage", "selector", "matching"), ALL)
def test_the_right_certificate_fits_and_another_does_not(shown, others, usage, selector, matching):
    place = 0 if usage == 3 else EARLIER
    assert fits([chains.tlsa(usage, selector, matching, shown[place])], shown, NAMES)
    assert not fits([chains.tlsa(usage, selector, matching, others[place])], shown, NAMES)


def test_one_record_of_several_is_enough(shown, others):
    records = [chains.tlsa(3, 1, 1, others[0]), chains.tlsa(3, 1, 1, shown[0])]
    assert fits(records, shown, NAMES)


def test_a_name_counts_only_where_the_authority_is_named(tmp_path):
    chain = chains.made(tmp_path, "elsewhere.example")
    assert fits([chains.tlsa(3, 1, 1, chain[0])], chain, NAMES)
    assert not fits([chains.tlsa(2, 0, 1, chain[1])], chain, NAMES)
    assert fits([chains.tlsa(2, 0, 1, chain[1])], chain, ("mx.example", "elsewhere.example"))


def test_an_authority_that_is_shown_but_did_not_sign_is_worth_nothing(shown, others):
    assert not fits([chains.tlsa(2, 0, 1, others[1])], [shown[0], others[1]], NAMES)


def test_the_servers_own_certificate_is_no_authority_and_an_authority_is_not_the_servers(shown):
    assert not fits([chains.tlsa(2, 1, 1, shown[0])], shown, NAMES)
    assert not fits([chains.tlsa(3, 1, 1, shown[1])], shown, NAMES)


def test_an_authority_in_the_record_itself_need_not_be_shown(shown, others):
    assert fits([chains.tlsa(2, 0, 0, shown[1])], shown[:1], NAMES)
    assert not fits([chains.tlsa(2, 0, 0, others[1])], shown[:1], NAMES)
    assert not fits([chains.tlsa(2, 0, 1, shown[1])], shown[:1], NAMES)
    assert not fits([Tlsa(2, 0, 0, b"no certificate")], shown, NAMES)


def test_without_a_certificate_nothing_fits(shown):
    assert not fits([chains.tlsa(3, 1, 1, shown[0])], [], NAMES)
    assert not fits([], shown, NAMES)


@pytest.mark.parametrize(
    "record",
    [
        Tlsa(0, 0, 1, b"x" * 32),  # PKIX-TA and PKIX-EE: RFC 7672 3.1.3
        Tlsa(1, 0, 1, b"x" * 32),
        Tlsa(4, 0, 1, b"x" * 32),
        Tlsa(3, 2, 1, b"x" * 32),
        Tlsa(3, 1, 3, b"x" * 32),
        Tlsa(3, 1, 1, b"x" * 31),
        Tlsa(3, 1, 2, b"x" * 32),
        Tlsa(3, 0, 0, b""),
    ],
)
def test_what_cannot_be_judged_by_is_not_usable(record):
    assert usable([record]) == ()


def test_the_stronger_digest_alone_counts(shown, others):
    weak, strong = chains.tlsa(3, 1, 1, shown[0]), chains.tlsa(3, 1, 2, others[0])
    assert usable([weak, strong]) == (strong,)
    assert usable([weak, chains.tlsa(3, 0, 2, shown[0])]) == (weak, chains.tlsa(3, 0, 2, shown[0]))
