"""An entry as LDAP gave it: values are octets, and nothing is taken for granted about them."""

from datetime import UTC, datetime
from functools import lru_cache

import msgspec


class Record(msgspec.Struct, frozen=True):
    """Attribute names are in lower case, options included: "cn;lang-or"."""

    dn: str
    attributes: dict[str, list[bytes]]

    @property
    def id(self) -> str:
        """The entryUUID; "" when the server did not give one."""
        return self.text("entryuuid").lower()

    def text(self, name: str) -> str:
        """The first value, or ""."""
        values = self.attributes.get(name.lower())
        return values[0].decode("utf-8", "replace") if values else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """All values, in the server's order."""
        return tuple(value.decode("utf-8", "replace") for value in self.attributes.get(name.lower(), ()))

    def number(self, name: str) -> int:
        """The first value as a whole number, or 0."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0

    def instant(self, name: str) -> datetime | None:
        """The first value as a time."""
        return parse_instant(self.text(name))

    def languages(self, name: str) -> dict[str, str]:
        """The values with a language option (RFC 3866), by language tag."""
        prefix = name.lower() + ";lang-"
        return {key[len(prefix) :]: self.text(key) for key in self.attributes if key.startswith(prefix)}

    def has_class(self, name: str) -> bool:
        """Is this one of the entry's object classes?"""
        return name.lower() in (value.lower() for value in self.texts("objectclass"))


@lru_cache(1024)
def parse_instant(text: str) -> datetime | None:
    """Generalized time in UTC, fractions dropped; None when it is none.  RFC 4517 3.3.13"""
    digits = text.partition(".")[0].rstrip("Z")
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def format_instant(instant: datetime) -> str:
    """Generalized time in UTC, whole seconds."""
    return instant.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")


def format_moment(instant: datetime) -> str:
    """The same with microseconds, where two in one second must differ."""
    return instant.astimezone(UTC).strftime("%Y%m%d%H%M%S.%fZ")
