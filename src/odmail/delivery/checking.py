"""A script looked over before it is kept: grammar, policy, and what it names that is not there."""

from odcore.errors import Fault, Kind
from odmail.delivery.reach import Reach
from odmail.mailbox.api import MailAccount
from odmail.sieve.compiler import House, Warned, compile_script
from odmail.sieve.model import ScriptError


def check_script(reach: Reach, account: MailAccount, text: str) -> tuple[Warned, ...]:
    """What is doubtful in it. Fault BAD_REQUEST with line and column where it is not valid."""
    house = House(
        objection=reach.objection,
        mailbox=lambda name: "" if _mailbox_exists(account, name) else f"there is no mailbox {name} now",
        script=lambda name: "" if _script_exists(account, name) else f"there is no script {name} to include now",
    )
    try:
        return compile_script(text, house).warnings
    except ScriptError as error:
        raise Fault(Kind.BAD_REQUEST, str(error)) from None


def _mailbox_exists(account: MailAccount, name: str) -> bool:
    try:
        return account.mailbox(name).selectable
    except Fault:
        return False


def _script_exists(account: MailAccount, name: str) -> bool:
    return any(each.name == name for each in account.scripts())
