"""Wishes kept in an account: the script is put and made active, and gives way again to the person's own."""

from collections.abc import Callable

import msgspec

from odcore.errors import Fault, Kind
from odmail.mailbox.api import MailAccount
from odmail.mailbox.scripts import PutScript
from odweb.filters import wishes
from odweb.filters.wishes import NAME, Wishes

Check = Callable[[MailAccount, str], object]
"""Fault BAD_REQUEST for a script that is not valid, or would send mail out of the house."""


def load(account: MailAccount) -> Wishes:
    """What is wished now."""
    try:
        return wishes.read(account.script(NAME))
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return Wishes()


def save(account: MailAccount, wished: Wishes, domains: tuple[str, ...], check: Check) -> None:
    """From the next message on. Whoever activated a script of their own meanwhile has it included from now on."""
    active = next((each.name for each in account.scripts() if each.active), "")
    wished = msgspec.structs.replace(wished, own=wished.own if active == NAME else active)
    if not wished:
        _give_way(account, wished.own, active)
        return
    text = wishes.write(wished, domains)
    check(account, text)
    account.put_script(PutScript(NAME, text))
    account.activate_script(NAME)


def _give_way(account: MailAccount, own: str, active: str) -> None:
    names = {each.name for each in account.scripts()}
    if active == NAME:
        account.activate_script(own if own in names else "")
    if NAME in names:
        account.delete_script(NAME)
