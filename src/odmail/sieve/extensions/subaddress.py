"""subaddress: the parts of `user+detail@domain`.  RFC 5233"""

from odmail.sieve.declare import Extension, TagOf

_SEPARATOR = "+"


def _user(address: str) -> str | None:
    return address.rpartition("@")[0].partition(_SEPARATOR)[0]


def _detail(address: str) -> str | None:
    """RFC 5233 4: none without a separator, which is not the same as an empty one."""
    _, separator, detail = address.rpartition("@")[0].partition(_SEPARATOR)
    return detail if separator else None


EXTENSION = Extension(
    "subaddress",
    "5233",
    more=tuple(
        (("address part",), TagOf(name, group="address part", requires="subaddress")) for name in ("user", "detail")
    ),
    address_parts=(("user", _user), ("detail", _detail)),
)
