"""Is the clock kept right? Signatures, tokens and certificates count on it.  adjtimex(2)"""

import ctypes
from collections.abc import Iterator

from odsuite.published.check import Case, Check, Verdict, doubtful, good

_TIMEX = 256  # octets, more than the structure has; all zero: change nothing
_ERROR = 5  # TIME_ERROR: nobody disciplines it


def look(_case: Case) -> Iterator[Verdict]:
    """As the kernel sees it."""
    if is_kept():
        yield good("the clock is synchronized")
    else:
        yield doubtful("nothing keeps the clock right: apt-get install chrony, or timedatectl set-ntp true")


def is_kept() -> bool:
    """Does the kernel hear from a time service?"""
    return ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX)) not in (-1, _ERROR)


CHECK = Check("clock", 110, look, of_server=True)
