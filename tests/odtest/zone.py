"""The DNS from a table, for checks: what is not in it does not exist."""

import dns.reversename

from odcore.errors import Fault, Kind
from odcore.net.dns import Mx

TIMEOUT = "TIMEOUT"


class Zone:
    """`odcore.net.dns.Resolver`. Records by lower-case name and type; the value TIMEOUT is silence."""

    def __init__(self, records: dict[tuple[str, str], list] | None = None) -> None:
        self.records: dict[tuple[str, str], list] = {}
        self.silent: set[str] = set()  # names about which nobody says anything
        self.down = False
        self.asked: list[tuple[str, str]] = []
        for (name, kind), values in (records or {}).items():
            self.add(name, kind, *values)

    def add(self, name: str, kind: str, *values: object) -> None:
        self.records.setdefault((name.lower(), kind), []).extend(values)

    def mx(self, domain: str) -> tuple[Mx, ...]:
        return tuple(sorted((Mx(*each) for each in self._ask(domain, "MX")), key=lambda each: each.preference))

    def a(self, host: str) -> tuple[str, ...]:
        return tuple(self._ask(host, "A"))

    def aaaa(self, host: str) -> tuple[str, ...]:
        return tuple(self._ask(host, "AAAA"))

    def addresses(self, host: str) -> tuple[str, ...]:
        return (*self._ask(host, "AAAA"), *self._ask(host, "A"))

    def ptr(self, address: str) -> tuple[str, ...]:
        name = dns.reversename.from_address(address).to_text(omit_final_dot=True)
        return tuple(each.lower().removesuffix(".") for each in self._ask(name, "PTR"))

    def txt(self, name: str) -> tuple[bytes, ...]:
        return tuple(each if isinstance(each, bytes) else each.encode() for each in self._ask(name, "TXT"))

    def _ask(self, name: str, kind: str, level: int = 0) -> list:
        name = name.lower().removesuffix(".")
        self.asked.append((name, kind))
        if any(not 0 < len(label) <= 63 for label in name.split(".")):
            raise Fault(Kind.NOT_FOUND, f"{name} is no domain name.")
        if self.down or name in self.silent:
            raise Fault(Kind.TRY_LATER, f"The DNS gave no answer about {name}.")
        found = self.records.get((name, kind), [])
        if TIMEOUT in found:
            raise Fault(Kind.TRY_LATER, f"The DNS gave no answer about {name}.")
        alias = self.records.get((name, "CNAME"))
        if not found and alias and level < 8:
            return self._ask(alias[0], kind, level + 1)
        if not found and not any(known == name for known, _ in self.records):
            raise Fault(Kind.NOT_FOUND, f"{name} does not exist in the DNS.")
        return found
