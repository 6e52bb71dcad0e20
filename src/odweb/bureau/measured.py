"""Keeps what all accounts of this node use, so that nobody waits for thousands of mailboxes to be opened."""

from collections.abc import Iterable, Sequence
from itertools import islice

from odcore import clock
from odcore.directory.model import Person, Post
from odcore.ids import AccountId
from odweb.bureau.models import Measured
from odweb.house import House
from odweb.usage import Usage, Used, ranked

_ROUND = 64
"""Minutes in which all accounts have their turn, by the first two letters of their ids."""

_AT_ONCE = 300
"""Accounts that a page measures because nobody has yet."""

_FIELDS = ("stamp", "mail", "files")


def measure(house: House) -> None:
    """Those whose turn it is and which have changed; what is gone is forgotten."""
    turn = clock.timestamp() // 60 % _ROUND
    for begin in (f"{each:02x}" for each in range(256) if each % _ROUND == turn):
        there = house.usage.accounts(begin)
        known = {each.account: each for each in Measured.objects.filter(account__startswith=begin)}
        _write(house.usage, (each for each in there if each not in known or _moved(house.usage, known[each])))
        Measured.objects.filter(account__in=known.keys() - there).delete()


def fullest(house: House, entries: Sequence[Person | Post]) -> list[Used]:
    """The fullest first. Those that were never measured, beyond a few hundred, count as empty until they are."""
    known = Measured.objects.in_bulk([each.id for each in entries])
    unknown = (each.id for each in entries if each.id not in known and house.usage.stamp(each.id))
    known |= {each.account: each for each in _write(house.usage, islice(unknown, _AT_ONCE))}
    nothing = Measured(mail=0, files=0)
    rows = ((each, known.get(each.id, nothing)) for each in entries)
    return ranked(house.usage.told(entry, row.mail, row.files) for entry, row in rows)


def _moved(usage: Usage, row: Measured) -> bool:
    return usage.stamp(AccountId(row.account)) != row.stamp


def _write(usage: Usage, accounts: Iterable[AccountId]) -> list[Measured]:
    rows = [_row(usage, each) for each in accounts]
    Measured.objects.bulk_create(rows, update_conflicts=True, unique_fields=["account"], update_fields=_FIELDS)
    return rows


def _row(usage: Usage, account: AccountId) -> Measured:
    """The stamp is taken first: what changes meanwhile is looked at again."""
    stamp = usage.stamp(account)
    mail, files = usage.octets(account)
    return Measured(account=account, stamp=stamp, mail=mail, files=files)
