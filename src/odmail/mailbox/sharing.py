"""Writing access lists so that the register of grants always knows whom they name.

The lists lie in the owner's account and the register beside all accounts, so nothing spans both. The register is told
before a list names somebody, and it may know somebody whom no list names any more: that costs a look and gives nothing.
"""

from odcore.ids import AccountId
from odcore.sharing.api import MAIL, Register
from odmail.mailbox.api import DeleteAcl, MailAccount, SetAcl


def share(register: Register, account: MailAccount, options: SetAcl) -> str:
    """What the entry now says. Faults NOT_FOUND, LIMIT."""
    register.note(MAIL, account.id, options.subject)
    try:
        return account.set_acl(options)
    finally:
        _settle(register, account, options.subject)


def unshare(register: Register, account: MailAccount, options: DeleteAcl) -> None:
    """Fault NOT_FOUND when there is no such mailbox."""
    account.delete_acl(options)
    _settle(register, account, options.subject)


def unregistered(register: Register, account: MailAccount) -> list[str]:
    """Subjects that lists name and the register does not know: nobody would see what is shared with them."""
    return [each for each in account.acl_subjects() if account.id not in register.owners(MAIL, frozenset((each,)))]


def mend(register: Register, account: AccountId, subjects: list[str]) -> None:
    """Let the register know of them."""
    for subject in subjects:
        register.note(MAIL, account, subject)
    register.changed(account)


def _settle(register: Register, account: MailAccount, subject: str) -> None:
    """Whoever shares with the subject meanwhile notes it after writing the list, and we look after forgetting."""
    if subject not in account.acl_subjects():
        register.forget(MAIL, account.id, subject)
    if subject in account.acl_subjects():
        register.note(MAIL, account.id, subject)
    register.changed(account.id)
