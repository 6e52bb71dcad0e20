"""What an account is born with, in its owner's language."""

from xml.sax.saxutils import escape

from oddav.store.model import Create, Kind

_NAMES = {
    "en": ("Calendar", "Tasks", "Contacts", "Notes"),
    "or": ("କ୍ୟାଲେଣ୍ଡର", "କାର୍ଯ୍ୟ", "ଯୋଗାଯୋଗ", "ଟିପ୍ପଣୀ"),
    "hi": ("कैलेंडर", "कार्य", "संपर्क", "नोट"),
}


def first(language: str, title: str = "") -> tuple[Create, ...]:
    """`title` stands before the names. Tasks stand apart: Apple's Reminders shows a mixed collection as empty."""
    before = f"{escape(title)}: " if title else ""
    calendar, tasks, contacts, notes = (
        {"{DAV:}displayname": f'<D:displayname xmlns:D="DAV:">{before}{name}</D:displayname>'}
        for name in _NAMES.get(language, _NAMES["en"])
    )
    return (
        Create("calendar", Kind.CALENDAR, "VEVENT", calendar),
        Create("tasks", Kind.CALENDAR, "VTODO", tasks),
        Create("contacts", Kind.CONTACTS, "VCARD", contacts),
        Create("notes", Kind.CALENDAR, "VJOURNAL", notes),
        Create("inbox", Kind.INBOX, "VEVENT,VTODO", {}),
        Create("outbox", Kind.OUTBOX, "VFREEBUSY", {}),
    )
