"""Writing a mailbox's access list, so that the register of grants knows whom it names."""

from odcore.sharing.api import MAIL, Register
from odcore.sharing.naming import Named, naming, settle
from odmail.mailbox.api import DeleteAcl, MailAccount, SetAcl


def lists(account: MailAccount) -> Named:
    """For `odcore.sharing.naming`."""
    return Named(MAIL, account.id, account.acl_subjects)


def share(register: Register, account: MailAccount, options: SetAcl) -> str:
    """What the entry now says. Faults NOT_FOUND, LIMIT."""
    with naming(register, lists(account), options.subject):
        return account.set_acl(options)


def unshare(register: Register, account: MailAccount, options: DeleteAcl) -> None:
    """Fault NOT_FOUND when there is no such mailbox."""
    account.delete_acl(options)
    settle(register, lists(account), options.subject)
