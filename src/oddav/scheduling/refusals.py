"""Why a room declines, in the language of who invites it."""

from datetime import datetime

_FAR = {
    "en": "It can be booked {days} days ahead at most.",
    "or": "ସର୍ବାଧିକ {days} ଦିନ ପୂର୍ବରୁ ଏହାକୁ ସଂରକ୍ଷଣ କରାଯାଇପାରିବ।",
    "hi": "इसे अधिकतम {days} दिन पहले से आरक्षित किया जा सकता है।",
}
_OFTEN = {
    "en": "It cannot be booked that often.",
    "or": "ଏହାକୁ ଏତେ ଥର ସଂରକ୍ଷଣ କରାଯାଇପାରିବ ନାହିଁ।",
    "hi": "इसे इतनी बार आरक्षित नहीं किया जा सकता।",
}
_TAKEN = {
    "en": "It is taken on {at:%d-%m-%Y} at {at:%H:%M}.",
    "or": "{at:%d-%m-%Y} ତାରିଖ {at:%H:%M} ସମୟରେ ଏହା ଆଗରୁ ସଂରକ୍ଷିତ ଅଛି।",
    "hi": "{at:%d-%m-%Y} को {at:%H:%M} बजे यह पहले से आरक्षित है।",
}


def too_far(language: str, days: int) -> str:
    """It is later than so many days from now."""
    return _FAR.get(language, _FAR["en"]).format(days=days)


def too_often(language: str) -> str:
    """There would be more instances than are looked at."""
    return _OFTEN.get(language, _OFTEN["en"])


def taken(language: str, at: datetime) -> str:
    """Somebody else has it then."""
    return _TAKEN.get(language, _TAKEN["en"]).format(at=at)
