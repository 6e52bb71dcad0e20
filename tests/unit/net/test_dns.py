"""The DNS from a server of our own: what exists, what does not, and what nobody knows are three things (P16, A15)."""

import socket
import threading
import time

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from odcore.errors import Fault, Kind
from odcore.net.dns import Deadline, Dns, Mx, Tlsa
from odtest.dns_server import wake

ZONE = {
    ("peer.example.", "MX"): ["20 mx2.peer.example.", "10 MX1.peer.example."],
    ("null.example.", "MX"): ["0 ."],
    ("mx1.peer.example.", "AAAA"): ["2001:db8::1"],
    ("mx1.peer.example.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["MX1.peer.example."],
    ("_25._tcp.mx1.peer.example.", "TLSA"): ["3 1 1 " + "ab" * 32],
    ("_25._tcp.mx2.peer.example.", "TLSA"): ["3 1 1 " + "cd" * 32],
    ("alias.example.", "CNAME"): ["mx1.peer.example."],
    ("peer.example.", "TXT"): ['"one " "two"', '"three"'],
}
EXISTS = {name for name, _ in ZONE}
INSECURE = {"_25._tcp.mx2.peer.example.", "null.example."}


class Server(threading.Thread):
    """Answers from ZONE; junk first for `junk`, nothing for `silent`, SERVFAIL for `broken`."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.asked = 0

    def run(self) -> None:
        while True:
            data, peer = self.socket.recvfrom(4096)
            if not data:
                return
            self.asked += 1
            query = dns.message.from_wire(data)
            name = query.question[0].name.to_text().lower()
            if name == "silent.example.":
                continue
            if name == "mx1.peer.example.":
                self.socket.sendto(b"junk", peer)
            self.socket.sendto(self._answer(query, name).to_wire(), peer)

    def _answer(self, query: dns.message.Message, name: str) -> dns.message.Message:
        answer = dns.message.make_response(query)
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        if query.flags & dns.flags.AD and name not in INSECURE:
            answer.flags |= dns.flags.AD
        if name == "broken.example.":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in EXISTS:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif (name, kind) in ZONE:
            answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *ZONE[name, kind]))
        elif (name, "CNAME") in ZONE:
            [target] = ZONE[name, "CNAME"]
            answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", "CNAME", target))
            if (target, kind) in ZONE:
                answer.answer.append(dns.rrset.from_text(target, 300, "IN", kind, *ZONE[target, kind]))
        return answer


@pytest.fixture
def server():
    made = Server()
    made.start()
    yield made
    wake(made.socket)
    made.join()
    made.socket.close()


@pytest.fixture
def names(server):
    return of(server, 10.0)


def of(server, seconds: float) -> Dns:
    return Dns(("127.0.0.1",), server.socket.getsockname()[1], seconds)


def fault(call, *args) -> Kind:
    with pytest.raises(Fault) as caught:
        call(*args)
    return caught.value.kind


def test_exchangers_come_best_first_in_lower_case(names):
    assert names.mx("peer.example") == (Mx(10, "mx1.peer.example"), Mx(20, "mx2.peer.example"))
    assert names.mx("null.example") == (Mx(0, ""),)


def test_addresses_of_both_families_survive_junk_that_came_first(names):
    first, *others = names.addresses("mx1.peer.example")
    assert first == "2001:db8::1"
    assert sorted(others) == ["192.0.2.1", "192.0.2.2"]


def test_the_pieces_of_a_text_are_one(names):
    assert set(names.txt("peer.example")) == {b"one two", b"three"}


def test_no_such_name_no_such_record_and_no_answer_are_three_things(names, server):
    assert fault(names.mx, "nowhere.example") is Kind.NOT_FOUND
    assert names.mx("mx1.peer.example") == ()
    assert fault(names.mx, "broken.example") is Kind.TRY_LATER
    assert fault(of(server, 0.3).mx, "silent.example") is Kind.TRY_LATER
    assert fault(names.mx, "a..b") is Kind.NOT_FOUND
    assert fault(names.mx, "x" * 64 + ".example") is Kind.NOT_FOUND


def test_an_answer_is_remembered(names, server):
    names.mx("peer.example")
    asked = server.asked
    names.mx("peer.example")
    assert server.asked == asked


def test_asking_ends_at_the_deadline(names):
    assert fault(Deadline(names, -1.0).mx, "peer.example") is Kind.TRY_LATER
    assert Deadline(names, 10.0).mx("peer.example")


def test_one_family_can_be_asked_for_alone_and_addresses_have_names(names):
    assert sorted(names.a("mx1.peer.example")) == ["192.0.2.1", "192.0.2.2"]
    assert names.aaaa("mx1.peer.example") == ("2001:db8::1",)
    assert names.ptr("192.0.2.1") == ("mx1.peer.example",)
    assert fault(names.ptr, "192.0.2.9") is Kind.NOT_FOUND


def test_a_resolver_that_is_away_costs_less_and_less_until_it_answers_again(server):
    names = Dns((f"127.0.0.1:{server.socket.getsockname()[1]}",), seconds=1.5)
    spent = []
    for _ in range(5):
        begun = time.monotonic()
        assert fault(names.txt, "silent.example") is Kind.TRY_LATER
        spent.append(time.monotonic() - begun)
    assert spent[0] > 1.2
    assert spent[-1] < 1.2
    names.mx("peer.example")
    begun = time.monotonic()
    fault(names.txt, "silent.example")
    assert time.monotonic() - begun > 1.2


def test_what_a_resolver_on_this_machine_calls_validated_is(names):
    assert names.has_secure_mx("peer.example")
    assert not names.has_secure_mx("null.example")
    assert names.secure_name("mx1.peer.example") == "mx1.peer.example"
    assert names.secure_name("alias.example") == "mx1.peer.example"
    assert names.secure_name("null.example") == ""
    assert names.tlsa("_25._tcp.mx1.peer.example") == (Tlsa(3, 1, 1, b"\xab" * 32),)


def test_tlsa_records_that_are_not_validated_are_none_and_no_answer_is_no_verdict(names):
    assert names.tlsa("_25._tcp.mx2.peer.example") == ()
    assert names.tlsa("_25._tcp.nowhere.example") == ()
    assert names.tlsa("mx1.peer.example") == ()
    assert fault(names.tlsa, "broken.example") is Kind.TRY_LATER
    assert fault(Deadline(names, -1.0).tlsa, "mx1.peer.example") is Kind.TRY_LATER


@pytest.mark.parametrize(
    ("nameservers", "trusted", "believed"),
    [
        (("127.0.0.1",), None, True),
        (("127.0.0.1",), False, False),
        (("127.0.0.1", "192.0.2.53"), None, False),
        (("127.0.0.53",), None, False),  # systemd-resolved's, which passes on what its own resolvers say
        (("192.0.2.53",), None, False),
        (("192.0.2.53",), True, True),
        (("[::1]:5353",), None, True),
    ],
)
def test_only_a_trusted_resolver_is_believed(nameservers, trusted, believed):
    assert Dns(nameservers, trusted=trusted)._trusted is believed


def test_a_resolver_that_is_not_trusted_is_not_asked(server):
    names = Dns(("127.0.0.1",), server.socket.getsockname()[1], seconds=0.5, trusted=False)
    assert not names.has_secure_mx("peer.example")
    assert names.secure_name("mx1.peer.example") == ""
    assert names.tlsa("_25._tcp.mx1.peer.example") == ()
    assert server.asked == 0
