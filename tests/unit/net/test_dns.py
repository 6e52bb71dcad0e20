"""The DNS from a server of our own: what exists, what does not, and what nobody knows are three things (P16, A15)."""

import socket
import threading
import time

import dns.message
import dns.rcode
import dns.rrset
import pytest

from odcore.errors import Fault, Kind
from odcore.net.dns import Deadline, Dns, Mx

ZONE = {
    ("peer.example.", "MX"): ["20 mx2.peer.example.", "10 MX1.peer.example."],
    ("null.example.", "MX"): ["0 ."],
    ("mx1.peer.example.", "AAAA"): ["2001:db8::1"],
    ("mx1.peer.example.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["MX1.peer.example."],
    ("peer.example.", "TXT"): ['"one " "two"', '"three"'],
}
EXISTS = {name for name, _ in ZONE}


class Server(threading.Thread):
    """Answers from ZONE; junk first for `junk`, nothing for `silent`, SERVFAIL for `broken`."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.asked = 0

    def run(self) -> None:
        while True:
            try:
                data, peer = self.socket.recvfrom(4096)
            except OSError:
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
        if name == "broken.example.":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in EXISTS:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif (name, kind) in ZONE:
            answer.answer.append(dns.rrset.from_text(question.name, 300, "IN", kind, *ZONE[name, kind]))
        return answer


@pytest.fixture
def server():
    made = Server()
    made.start()
    yield made
    made.socket.close()


@pytest.fixture
def names(server):
    return Dns(("127.0.0.1",), server.socket.getsockname()[1], seconds=0.5)


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


def test_no_such_name_no_such_record_and_no_answer_are_three_things(names):
    assert fault(names.mx, "nowhere.example") is Kind.NOT_FOUND
    assert names.mx("mx1.peer.example") == ()
    assert fault(names.mx, "broken.example") is Kind.TRY_LATER
    assert fault(names.mx, "silent.example") is Kind.TRY_LATER
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
