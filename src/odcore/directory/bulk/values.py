"""What people and Excel make of mobile numbers, dates and names, and what was meant."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from odcore.directory.address import normalize
from odcore.directory.bulk.odia import is_odia
from odcore.errors import Fault, Kind

Value = TypeVar("Value", str, date | None)

_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,2}")
_MOBILE = re.compile(r"[6-9]\d{9}")
_DATES = ("%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%d-%b-%Y", "%d %B %Y", "%d-%m-%y", "%d/%m/%y")
_TITLES = re.compile(
    r"(?:(?:sri|shri|smt|dr|mr|mrs|ms|miss|kumari|er|md)\.?\s+|(?:ଶ୍ରୀମତୀ|ଶ୍ରୀ|ଡଃ|ଡ଼ଃ|ଡା|କୁମାରୀ)\.?\s+)+", re.IGNORECASE
)
_CONTRACT = re.compile(r"contract|outsourc|consult|ଚୁକ୍ତି|ଆଉଟସୋର୍|अनुबंध|संविदा", re.IGNORECASE)
_EPOCH = date(1899, 12, 30)  # Excel's day nought, its leap year of 1900 allowed for


def mobile(text: str) -> str:
    """As +91 and ten digits; "" for none. Fault BAD_REQUEST."""
    digits = re.sub(r"[\s().-]", "", number(text))
    if not digits:
        return ""
    for prefix in ("+91", "0091", "91", "0"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 10:
            digits = digits.removeprefix(prefix)
            break
    if not _MOBILE.fullmatch(digits):
        raise Fault(Kind.BAD_REQUEST, "This is no Indian mobile number of ten digits.")
    return f"+91{digits}"


def alternate(text: str) -> str:
    """An address of any house; "" for none. Fault BAD_REQUEST."""
    try:
        return normalize(text.strip()) if text.strip() else ""
    except Fault:
        raise Fault(Kind.BAD_REQUEST, "This is no e-mail address.") from None


def number(text: str) -> str:
    """Digits of any script as ASCII, 9.437012345E9 written out. Fault BAD_REQUEST where Excel has lost digits."""
    plain = "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text).strip()
    if _SCIENTIFIC.fullmatch(plain):
        written = Decimal(plain)
        mantissa = re.split("[eE]", plain)[0].replace(".", "")
        if written != int(written) or len(mantissa) < len(str(int(written))):
            raise Fault(Kind.BAD_REQUEST, "Excel has lost digits of this number: type it once more, as text.")
        return str(int(written))
    if re.fullmatch(r"\d+\.0+", plain):
        return plain.partition(".")[0]
    return plain


def day(text: str) -> date | None:
    """As people write it, or the number Excel counts days by. Fault BAD_REQUEST."""
    plain = number(text)
    if not plain:
        return None
    if plain.isdigit() and len(plain) == 5:
        return _EPOCH + timedelta(days=int(plain))
    for form in _DATES:
        try:
            return datetime.strptime(plain, form).date()
        except ValueError:
            continue
    raise Fault(Kind.BAD_REQUEST, "This is no date such as 31-03-2027.")


def name(text: str) -> str:
    """Without Sri and Smt., Dr. and ଶ୍ରୀ; CAPITALS calmed. Fault BAD_REQUEST for what no name holds."""
    bare = " ".join(_TITLES.sub("", text, count=1).split()).strip(" ,")
    if any(unicodedata.category(each)[0] not in "LM" and each not in " .'’-\u200d" for each in bare):
        raise Fault(Kind.BAD_REQUEST, "A name has letters, dots, dashes and apostrophes only.")
    for word in bare.split():
        if is_odia(word) and any(each.isascii() and each.isalpha() for each in word):
            raise Fault(Kind.DENIED, "A word of the name mixes scripts, which people cannot tell apart.")
    return bare.title() if bare.isupper() and len(bare) > 3 else bare


def is_contract(text: str) -> bool:
    """Does the kind of employment say that somebody is no official?"""
    return bool(_CONTRACT.search(text))


def is_number(text: str) -> bool:
    """Could this be a number that a program wrote?"""
    try:
        Decimal(text)
    except InvalidOperation:
        return False
    return True
