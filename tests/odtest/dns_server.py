"""A DNS server on loopback that answers from a table: what is not in it does not exist."""

import socket
import threading
from contextlib import suppress

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


def wake(waiting: socket.socket) -> None:
    """Whoever waits for a datagram gets an empty one."""
    with suppress(OSError):  # "not connected", and yet
        waiting.shutdown(socket.SHUT_RD)


class DnsServer(threading.Thread):
    """`records[name, type]` is a list of rdata as a zone file has it; while `silent`, nobody gets an answer."""

    def __init__(self, records: dict[tuple[str, str], list[str]]) -> None:
        super().__init__(daemon=True)
        self.records = {(name.lower() + ".", kind): values for (name, kind), values in records.items()}
        self.silent = False
        self.validated = False  # are answers marked as validated (the AD bit)?
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def run(self) -> None:
        while True:
            data, peer = self._socket.recvfrom(4096)
            if not data:
                return
            if not self.silent:
                with suppress(OSError):
                    self._socket.sendto(self._answer(dns.message.from_wire(data)).to_wire(), peer)

    def close(self) -> None:
        wake(self._socket)
        self.join()  # else it might listen on what gets this one's number next
        self._socket.close()

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA | (dns.flags.AD if self.validated else 0)
        question = query.question[0]
        name, kind = question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)
        values = self.records.get((name, kind), [])
        if values:
            answer.answer.append(dns.rrset.from_text(question.name, 1, "IN", kind, *values))
        elif not any(known == name for known, _ in list(self.records)):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer
