"""Events of the audit trail and steps of a message, as people read them."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

EVENTS: Mapping[str, str | Promise] = {
    "sign-in": _("Signed in"),
    "web-session-began": _("Signed in in a browser"),
    "client-refused": _("Program refused"),
    "mailbox-opened": _("Mailbox opened by somebody else"),
    "submitted": _("Mail sent"),
    "submission-held": _("Mail held: too many recipients"),
    "mail-traced": _("Path of a message looked up"),
    "second-step": _("Second step of signing in"),
    "second-step-reset": _("Second step reset"),
    "second-step-app-added": _("App for codes added"),
    "second-step-app-removed": _("App for codes removed"),
    "second-step-recovery-codes-made": _("Recovery codes made"),
    "second-step-passkey-added": _("Passkey added"),
    "second-step-passkey-removed": _("Passkey removed"),
    "person-password-set": _("Password set"),
    "password-code-made": _("Code for a new password made"),
    "password-reset-by-mobile": _("Password reset by mobile"),
    "device-password-added": _("Device password made"),
    "device-password-revoked": _("Device password revoked"),
    "token-issued": _("Token issued"),
    "token-revoked": _("Token revoked"),
    "person-added": _("Person added"),
    "person-edited": _("Person changed"),
    "person-photo-set": _("Photograph set"),
    "person-photo-removed": _("Photograph removed"),
    "person-enabled": _("Person enabled"),
    "person-disabled": _("Person disabled"),
    "person-deleted": _("Person deleted"),
    "post-added": _("Post added"),
    "post-edited": _("Post changed"),
    "post-enabled": _("Post enabled"),
    "post-disabled": _("Post disabled"),
    "post-deleted": _("Post deleted"),
    "post-handed-over": _("Post handed over"),
    "post-settled": _("Handover took effect"),
    "post-approved": _("Mail to a list agreed to"),
    "post-rejected": _("Mail to a list refused"),
    "charge-taken": _("Charge taken"),
    "charge-given-up": _("Charge given up"),
    "charge-report": _("Charge report made"),
    "tenure-sealed": _("Tenure sealed"),
    "tenure-searched": _("Tenure searched"),
    "tenure-read": _("Tenure read"),
    "tenure-over": _("Tenure's time of keeping over"),
    "tenure-destroyed": _("Tenure destroyed"),
    "office-added": _("Office added"),
    "office-edited": _("Office changed"),
    "office-deleted": _("Office deleted"),
    "group-added": _("List added"),
    "group-edited": _("List changed"),
    "group-left": _("Member left a list"),
    "group-enabled": _("List enabled"),
    "group-disabled": _("List disabled"),
    "group-deleted": _("List deleted"),
    "alias-added": _("Alias added"),
    "alias-edited": _("Alias changed"),
    "alias-deleted": _("Alias deleted"),
    "domain-added": _("Domain added"),
    "domain-deleted": _("Domain deleted"),
    "domain-languages-set": _("Domain's languages set"),
    "domain-made-default": _("Domain made the default"),
    "directory-imported": _("Directory imported"),
    "application-open": _("Application begun"),
    "application-office": _("Application sent to the head of office"),
    "application-agency": _("Application sent to the agency"),
    "application-making": _("Application agreed to"),
    "application-made": _("Address of an application made"),
    "application-refused": _("Application refused"),
    "sheet-draft": _("Sheet taken back"),
    "sheet-submitted": _("Sheet submitted"),
    "sheet-refused": _("Sheet refused"),
    "sheet-making": _("Sheet agreed to"),
    "sheet-made": _("Sheet's people made"),
    "sheet-applied": _("People made from a sheet"),
    "sheet-undone": _("Sheet undone"),
    "delegated": _("Delegate named"),
    "delegation-ended": _("Delegation ended"),
    "mailbox-shared": _("Mail folder shared"),
    "mailbox-unshared": _("Mail folder no longer shared"),
    "collection-shared": _("Calendar or book shared"),
    "collection-unshared": _("Calendar or book no longer shared"),
    "folder-shared": _("Folder of files shared"),
    "folder-unshared": _("Folder of files no longer shared"),
    "calendar-subscribed": _("Outside calendar subscribed to"),
    "calendar-unsubscribed": _("Outside calendar no longer subscribed to"),
    "holidays-loaded": _("Holidays loaded"),
    "filter-put": _("Filter stored"),
    "filter-renamed": _("Filter renamed"),
    "filter-deleted": _("Filter deleted"),
    "filter-activated": _("Filter in use"),
    "filters-off": _("Filters off"),
    "filters-changed": _("Out of office or filters changed"),
    "file-restored": _("File restored"),
    "file-forgotten": _("File deleted for good"),
    "trash-emptied": _("Trash emptied"),
    "versions-forgotten": _("Former versions deleted"),
    "queue-read": _("Queued message read"),
    "queue-retried": _("Queued mail tried again"),
    "queue-held": _("Queued mail held"),
    "queue-released": _("Held mail released"),
    "queue-bounced": _("Queued mail returned"),
    "queue-rerouted": _("Queued mail sent another way"),
    "queue-deleted": _("Queued mail deleted"),
    "dkim-generated": _("DKIM key made"),
    "dkim-made": _("New DKIM keys made"),
    "dkim-switched": _("New DKIM keys in use"),
    "dkim-retired": _("Old DKIM keys retired"),
}

STEPS: Mapping[str, str | Promise] = {
    "accepted": _("Accepted"),
    "judged": _("Examined"),
    "refused": _("Refused"),
    "delivered": _("Delivered"),
    "deferred": _("Put off"),
    "failed": _("Failed"),
    "reported": _("Reported to its sender"),
    "held": _("Held"),
    "released": _("Released"),
    "retried": _("Tried again at once"),
    "rerouted": _("Sent another way"),
    "bounced": _("Given back"),
    "deleted": _("Deleted"),
}
"""Of a message, as its trace has them."""


def named(event: str) -> str:
    """A row of the audit trail; one that has no name yet is shown as it is written."""
    return str(EVENTS.get(event, event))


def step(what: str) -> str:
    """A row of a message's trace, likewise."""
    return str(STEPS.get(what, what))


def shown_fact(value: str) -> str:
    """What a row says beside its event; instants as people write them, dd-mm-yyyy."""
    try:
        at = datetime.fromisoformat(value) if value[10:11] == "T" else None
    except ValueError:
        at = None
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at and at.tzinfo else value
