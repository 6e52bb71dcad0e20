"""The directory as LDIF (RFC 2849), out and in again, entryUUIDs included: mailboxes go by them.

Password hashes and what proves device passwords and tokens are not in it; slapcat on the server itself copies
everything.
"""

import base64
from collections.abc import Iterable, Iterator

from odcore.directory.admin import Admin
from odcore.directory.entries import ATTRIBUTES, SECRETS
from odcore.directory.filters import EVERYTHING, dn_key
from odcore.directory.record import Record
from odcore.errors import Fault, Kind
from odcore.identity.passwords import unusable

_SAFE_START = frozenset(range(1, 128)) - frozenset(b"\r\n :<")
_SAFE = frozenset(range(1, 128)) - frozenset(b"\r\n")
_LINE = 76
_SECRETS = frozenset(name.lower() for name in SECRETS)
_SPELLING = {name.lower(): name for name in ATTRIBUTES}


def export(admin: Admin) -> Iterator[str]:
    """LDIF, an entry a piece, parents first. Service accounts stay out: each directory has its own."""
    services = dn_key(admin.branch("services"))
    records = admin.link.search(admin.link.base, EVERYTHING, ("*", "entryUUID"))
    yield "version: 1\n"
    for record in sorted(records, key=lambda record: len(dn_key(record.dn))):
        if dn_key(record.dn)[-len(services) :] != services:
            yield "\n" + "".join(_lines(record))


def load(admin: Admin, lines: Iterable[str]) -> tuple[int, int]:
    """Add the entries that are not there; how many were added, how many were there. Fault BAD_REQUEST by its line.

    People and device passwords get a password nobody knows, unless the file brings a hash.
    """
    added = known = 0
    try:
        for dn, attributes in parse(lines):
            if _add(admin, dn, attributes):
                added += 1
            else:
                known += 1
    finally:
        if added:
            admin.changed("directory-imported", "", (), added=str(added), known=str(known))
    return added, known


def parse(lines: Iterable[str]) -> Iterator[tuple[str, dict[str, list[str | bytes]]]]:
    """The entries of an LDIF file of entries; change records are refused."""
    entry: dict[str, list[str | bytes]] = {}
    dn = ""
    for number, line in _unfolded(lines):
        if not line:
            if dn:
                yield dn, entry
            dn, entry = "", {}
            continue
        name, value = _value(number, line)
        if name == "version" and not dn:
            continue
        if not dn:
            if name != "dn":
                raise Fault(Kind.BAD_REQUEST, f"Line {number}: an entry begins with dn:")
            dn = value if isinstance(value, str) else value.decode("utf-8", "replace")
        elif name == "changetype":
            raise Fault(Kind.BAD_REQUEST, f"Line {number}: change records are for ldapmodify.")
        else:
            entry.setdefault(name, []).append(value)
    if dn:
        yield dn, entry


def _add(admin: Admin, dn: str, attributes: dict[str, list[str | bytes]]) -> bool:
    classes = [str(value) for value in attributes.pop("objectClass", [])]
    has_password = any(name.lower() == "userpassword" for name in attributes)
    if not has_password and {"inetorgperson", "simplesecurityobject"} & {name.lower() for name in classes}:
        attributes["userPassword"] = [unusable()]
    try:
        admin.link.add(dn, classes, attributes, relax="entryUUID" in attributes)
    except Fault as fault:
        if fault.kind is Kind.EXISTS:
            return False
        raise Fault(fault.kind, f"{dn}: {fault.text}") from fault
    return True


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines with their continuations, comments dropped, an empty one at the end."""
    current, begun = "", 0
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        if line.startswith(" "):
            current += line[1:]
            continue
        if begun and not current.startswith("#"):
            yield begun, current
        current, begun = line, number
    if begun and not current.startswith("#"):
        yield begun, current


def _value(number: int, line: str) -> tuple[str, str | bytes]:
    name, colon, rest = line.partition(":")
    if not colon or rest.startswith("<"):
        raise Fault(Kind.BAD_REQUEST, f"Line {number} is not attribute: value.")
    if not rest.startswith(":"):
        return name, rest.lstrip(" ")
    try:
        octets = base64.b64decode(rest[1:].strip(), validate=True)
    except ValueError as error:
        raise Fault(Kind.BAD_REQUEST, f"Line {number} is not base64.") from error
    try:
        return name, octets.decode()
    except UnicodeDecodeError:
        return name, octets


def _lines(record: Record) -> Iterator[str]:
    yield _line("dn", record.dn.encode())
    kept = (name for name in record.attributes if name not in _SECRETS)
    for name in sorted(kept, key=lambda name: (name != "objectclass", name)):
        for value in record.attributes[name]:
            yield _line(_SPELLING.get(name, name), value)


def _line(name: str, value: bytes) -> str:
    plain = not value or (value[0] in _SAFE_START and value[-1:] != b" " and all(octet in _SAFE for octet in value))
    line = f"{name}: {value.decode()}" if plain else f"{name}:: {base64.b64encode(value).decode()}"
    folded = [line[:_LINE]]
    folded += [" " + line[start : start + _LINE - 1] for start in range(_LINE, len(line), _LINE - 1)]
    return "\n".join(folded) + "\n"
