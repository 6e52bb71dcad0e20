"""Mail exchangers: by preference, never back to us, never to our own machine, and no verdict from a silent DNS."""

import pytest

from odcore.errors import Fault, Kind
from odcore.net.dns import Mx, Tlsa
from odmail.delivery.ports import Host, Security
from odmail.delivery.routes import MOST_HOSTS, NoRoute, hosts_of
from odmail.transport.sts import Mode, Policy
from odtest.postroom import HOST, Names


@pytest.fixture
def names():
    made = Names()
    made.hosts = {f"mx{number}.peer.example": (f"192.0.2.{number}",) for number in range(1, 20)}
    return made


def found(names: Names, *exchangers: Mx) -> list[str]:
    names.exchangers["peer.example"] = exchangers
    return [host.name for host in hosts_of("peer.example", names, HOST)]


def no_route(names: Names, *exchangers: Mx, domain: str = "peer.example") -> str:
    names.exchangers["peer.example"] = exchangers
    with pytest.raises(NoRoute) as reason:
        hosts_of(domain, names, HOST)
    return reason.value.enhanced


def test_hosts_are_tried_by_preference_and_equals_in_any_order(names):
    orders = {
        tuple(found(names, Mx(20, "mx3.peer.example"), Mx(10, "mx1.peer.example"), Mx(10, "mx2.peer.example")))
        for _ in range(60)
    }
    assert orders == {
        ("mx1.peer.example", "mx2.peer.example", "mx3.peer.example"),
        ("mx2.peer.example", "mx1.peer.example", "mx3.peer.example"),
    }


def test_a_domain_without_exchangers_is_its_own(names):
    names.hosts["peer.example"] = ("192.0.2.80",)
    assert found(names) == ["peer.example"]


def test_a_null_mx_takes_no_mail(names):
    assert no_route(names, Mx(0, "")) == "5.1.10"


def test_a_domain_that_does_not_exist_fails_for_good(names):
    assert no_route(names, domain="nowhere.example") == "5.1.2"


def test_address_literals_are_not_carried(names):
    assert no_route(names, domain="[192.0.2.1]") == "5.1.2"


def test_only_hosts_closer_than_we_are_count(names):
    assert found(names, Mx(10, "mx1.peer.example"), Mx(20, HOST), Mx(30, "mx2.peer.example")) == ["mx1.peer.example"]
    assert no_route(names, Mx(20, HOST), Mx(30, "mx2.peer.example")) == "5.4.6"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "0.0.0.0", "::ffff:127.0.0.1", "169.254.1.1", "224.0.0.1"])
def test_a_foreign_zone_cannot_point_at_our_own_services(names, address):
    names.hosts["evil.example"] = (address,)
    assert no_route(names, Mx(10, "evil.example")) == "5.4.4"


def test_a_host_without_an_address_is_passed_over(names):
    assert found(names, Mx(10, "gone.example"), Mx(20, "mx2.peer.example")) == ["mx2.peer.example"]


@pytest.mark.parametrize("silent", ["peer.example", "mx1.peer.example"])
def test_a_silent_dns_is_no_verdict(names, silent):
    names.exchangers["peer.example"] = (Mx(10, "mx1.peer.example"),)
    names.silent.add(silent)
    with pytest.raises(Fault) as fault:
        hosts_of("peer.example", names, HOST)
    assert fault.value.kind is Kind.TRY_LATER


def test_a_hundred_exchangers_are_not_all_asked(names):
    many = [Mx(number, f"mx{number}.peer.example") for number in range(1, 20)]
    assert len(found(names, *many)) == MOST_HOSTS


def test_of_a_host_with_a_hundred_addresses_a_few_of_each_family_are_tried(names):
    sixes, fours = (f"2001:db8::{number:x}" for number in range(1, 99)), (f"192.0.2.{n}" for n in range(1, 99))
    names.hosts["mx1.peer.example"] = (*sixes, *fours)
    names.exchangers["peer.example"] = (Mx(10, "mx1.peer.example"),)
    (host,) = hosts_of("peer.example", names, HOST)
    assert host.addresses == tuple([f"2001:db8::{n}" for n in (1, 2, 3)] + [f"192.0.2.{n}" for n in (1, 2, 3)])


USABLE = Tlsa(3, 1, 1, b"x" * 32)
ENFORCE = Policy(Mode.ENFORCE, 86400, ("mx1.peer.example", "*.backup.example"))


def secured(names: Names, policy: Policy | None = None) -> dict[str, Security]:
    """How mail travels to each of two exchangers, the better first."""
    names.exchangers["peer.example"] = (Mx(10, "mx1.peer.example"), Mx(20, "mx2.peer.example"))
    return {host.name: host.security for host in hosts_of("peer.example", names, HOST, policy)}


def publish(names: Names, *records: Tlsa, host: str = "mx1.peer.example") -> None:
    names.secure |= {"peer.example", host}
    names.tlsas[f"_25._tcp.{host}"] = records


def test_tlsa_records_of_a_secure_host_are_followed_and_its_neighbour_is_not_bound(names):
    publish(names, USABLE)
    assert secured(names) == {"mx1.peer.example": Security.DANE, "mx2.peer.example": Security.OPPORTUNISTIC}
    [first, _] = hosts_of("peer.example", names, HOST)
    expected = ("mx1.peer.example", "mx1.peer.example", "peer.example")
    assert first == Host("mx1.peer.example", ("192.0.2.1",), 25, Security.DANE, (USABLE,), expected)


@pytest.mark.parametrize("insecure", ["peer.example", "mx1.peer.example"])
def test_where_the_way_to_the_host_is_not_secure_its_records_mean_nothing(names, insecure):
    publish(names, USABLE)
    names.secure.discard(insecure)
    names.silent.add("_25._tcp.mx1.peer.example")  # they are not even asked for
    assert set(secured(names).values()) == {Security.OPPORTUNISTIC}


def test_records_that_nobody_can_judge_by_still_ask_for_encryption(names):
    publish(names, Tlsa(1, 1, 1, b"x" * 32))
    assert secured(names)["mx1.peer.example"] is Security.ENCRYPTED


def test_a_host_of_which_the_dns_does_not_say_whether_it_has_records_is_passed_over(names):
    publish(names)
    names.silent.add("_25._tcp.mx1.peer.example")
    assert secured(names) == {"mx2.peer.example": Security.OPPORTUNISTIC}
    names.exchangers["peer.example"] = (Mx(10, "mx1.peer.example"),)
    with pytest.raises(Fault) as fault:
        hosts_of("peer.example", names, HOST)
    assert fault.value.kind is Kind.TRY_LATER


def test_a_policy_leaves_out_hosts_it_does_not_name_and_asks_the_others_for_a_certificate(names):
    assert secured(names, ENFORCE) == {"mx1.peer.example": Security.REQUIRED}


def test_where_the_policy_names_no_exchanger_mail_waits(names):
    with pytest.raises(Fault) as fault:
        secured(names, Policy(Mode.ENFORCE, 86400, ("mx.elsewhere.example",)))
    assert fault.value.kind is Kind.TRY_LATER


def test_a_policy_in_testing_changes_nothing(names):
    policy = Policy(Mode.TESTING, 86400, ("mx.elsewhere.example",))
    assert set(secured(names, policy).values()) == {Security.OPPORTUNISTIC}


def test_tlsa_records_come_before_the_policy_and_unusable_ones_do_not(names):
    publish(names, USABLE, host="mx2.peer.example")
    publish(names, Tlsa(1, 1, 1, b"x" * 32))
    assert secured(names, ENFORCE) == {"mx1.peer.example": Security.REQUIRED, "mx2.peer.example": Security.DANE}
