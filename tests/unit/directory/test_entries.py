"""Entries and the model: charges, addresses, instants; and the schema's two forms."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from odcore.directory import entries, slapd
from odcore.directory.model import Charge, ChargeKind
from odcore.directory.ops.exchange import parse
from odcore.directory.record import Record, format_instant, parse_instant
from odcore.ids import AccountId

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
instants = st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1)).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
charges = st.builds(
    Charge,
    person=st.uuids().map(lambda each: AccountId(str(each))),
    start=instants,
    end=st.none() | instants,
    order=st.text(st.characters(categories=("L", "N", "P", "S", "M"))).map(str.strip),
    kind=st.sampled_from(ChargeKind),
)


@given(st.lists(charges, unique_by=lambda charge: (charge.start, charge.person)))
def test_charges_come_back(held: list[Charge]) -> None:
    """Order numbers may hold any sign, the separator included."""
    values = entries.charge_values(held, NOW)
    record = Record("cn=x", {"odmailcharge": [value.encode() for value in values["odmailCharge"]]})
    assert set(entries.charges(record)) == set(held)
    assert all(parse_instant(edge) > NOW for edge in values["odmailBoundary"])


@given(instants, st.integers(-12, 14))
def test_instants_come_back(at: datetime, hours: int) -> None:
    """In whatever zone they were given."""
    from datetime import timezone

    assert parse_instant(format_instant(at.astimezone(timezone(timedelta(hours=hours))))) == at


def test_charge_covers_its_start_and_not_its_end() -> None:
    charge = Charge(AccountId("x"), NOW, NOW + timedelta(days=1))
    assert charge.covers(NOW)
    assert not charge.covers(NOW + timedelta(days=1))
    assert not charge.covers(NOW - timedelta(seconds=1))


def test_first_address_in_letters_beyond_ascii_is_an_alternate() -> None:
    """`mail` is an IA5String and could not hold it."""
    assert entries.address_values(["ସ@x.example", "s@x.example"]) == {
        "mail": [],
        "odmailAlternate": ["ସ@x.example", "s@x.example"],
    }


def test_schema_forms_say_the_same() -> None:
    """config/ldap/odmail.ldif is made from odmail.schema."""
    assert (
        (ROOT / "config/ldap/odmail.ldif").read_text("utf-8").endswith(slapd.schema_ldif(slapd.read("odmail.schema")))
    )
    for name in ("odmail.schema", "access.ldif", "tree.ldif"):
        assert (ROOT / "config/ldap" / name).read_text("utf-8") == slapd.read(name)


def test_ldif_is_read_as_written() -> None:
    """RFC 2849: comments, folded lines, base64, a version."""
    text = "version: 1\n# a\n  comment\ndn: o=x\nobjectClass: top\ncn: long\n er\ndescription:: 4Kys\nx:\n"
    text += "\ndn:: bz15\no: y\n"
    assert list(parse(text.splitlines(keepends=True))) == [
        ("o=x", {"objectClass": ["top"], "cn": ["longer"], "description": ["ବ"], "x": [""]}),
        ("o=y", {"o": ["y"]}),
    ]
