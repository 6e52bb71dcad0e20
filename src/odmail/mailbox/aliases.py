"""What mail programs call the mailboxes that every account has, in English, Odia and Hindi.

Where no mailbox of such a name exists, it means the one with that special use: programs that know no SPECIAL-USE
(RFC 6154) would else make a second "Sent". `docs/user/set-up.md` says so to people.
"""

from odmail.mailbox.model import SpecialUse
from odmail.mailbox.names import normalize

_NAMES = {
    SpecialUse.SENT: (
        "Sent, Sent Items, Sent Messages, Sent Mail, Sent-Mail, Outgoing, ପଠାଯାଇଥିବା, ପଠାଯାଇଥିବା ଆଇଟମ୍, ପଠାଯାଇଥିବା ମେଲ୍, ପ୍ରେରିତ, "
        "भेजे गए, भेजे गए आइटम, भेजा गया, भेजी गई, भेजे गए संदेश, प्रेषित"
    ),
    SpecialUse.TRASH: (
        "Trash, Deleted Items, Deleted Messages, Deleted, Bin, ଟ୍ରାସ୍, ଟ୍ରାଶ୍, ବିଲୋପିତ, ବିଲୋପ ହୋଇଥିବା ଆଇଟମ୍, ହଟାଯାଇଥିବା, ଅଳିଆ, "
        "ट्रैश, हटाए गए, हटाए गए आइटम, रद्दी, कचरा"
    ),
    SpecialUse.DRAFTS: "Drafts, Draft, ଡ୍ରାଫ୍ଟ, ଡ୍ରାଫ୍ଟଗୁଡ଼ିକ, ଚିଠା, ଡ୍ରାଫ୍ଟ୍, ड्राफ़्ट, ड्राफ्ट, मसौदा, मसौदे",
    SpecialUse.JUNK: "Junk, Junk E-mail, Junk Email, Junk Mail, Spam, Bulk Mail, ସ୍ପାମ୍, ସ୍ପାମ, ଜଙ୍କ, "
    "स्पैम, जंक, जंक ईमेल, जंक ई-मेल",
    SpecialUse.ARCHIVE: "Archive, Archives, ଅଭିଲେଖାଗାର, ଆର୍କାଇଭ୍, ସଂଗ୍ରହ, संग्रह, पुरालेख, आर्काइव",
}


def _key(name: str) -> str:
    return normalize(normalize(name).casefold())


_USES = {_key(name): use for use, names in _NAMES.items() for name in names.split(", ")}


def use_of(name: str) -> SpecialUse | None:
    """The special use that a mailbox of this name would have, however it is spelled. Only at the top."""
    return _USES.get(_key(name))
