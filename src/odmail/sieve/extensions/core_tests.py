"""address, header, exists, size, allof, anyof, not, true, false: always there.  RFC 5228 5"""

from odmail.sieve.declare import Extension, Question, TagOf, Takes, Within
from odmail.sieve.fields import chosen_fields
from odmail.sieve.run import Condition, Run
from odmail.sieve.use import Use

_ADDRESSED = frozenset(
    [
        "from",
        "to",
        "cc",
        "bcc",
        "sender",
        "reply-to",
        "return-path",
        "delivered-to",
        "errors-to",
        "x-original-to",
        "envelope-to",
        "apparently-to",
        "resent-from",
        "resent-to",
        "resent-cc",
        "resent-bcc",
        "resent-sender",
        "resent-reply-to",
        "disposition-notification-to",
        "mail-followup-to",
    ]
)
"""RFC 5228 5.1: fields that hold addresses; others are refused where their name stands in the script."""


def _address(use: Use) -> Condition:
    for name in use.texts(0):
        if name.constant is not None and name.constant.lower().removeprefix("content-") not in _ADDRESSED:
            raise use.fail(f"the field {name.constant} holds no addresses", use.positional[0].place)
    fields, matcher, part = chosen_fields(use, 0), use.matcher(1), use.address_part()

    def address(run: Run) -> bool:
        found = (part(each) for field in fields(run) for each in field.addresses())
        return matcher.any(run, (each for each in found if each is not None))

    return address


def _header(use: Use) -> Condition:
    fields, matcher = chosen_fields(use, 0), use.matcher(1)
    return lambda run: matcher.any(run, (text for field in fields(run) for text in fields.values(run, field)))


def _exists(use: Use) -> Condition:
    """All of them.  RFC 5228 5.5"""
    fields, names = chosen_fields(use, 0), use.texts(0)
    return lambda run: all(next(iter(fields.named(run, name)), None) is not None for name in names(run))


def _size(use: Use) -> Condition:
    if not (use.has("over") or use.has("under")):
        raise use.fail("size takes :over or :under")
    bound = use.tag_number("over", use.tag_number("under"))
    if use.has("over"):
        return lambda run: run.mail.size > bound
    return lambda run: run.mail.size < bound


def _allof(use: Use) -> Condition:
    tests = use.conditions()
    return lambda run: all(test(run) for test in tests)


def _anyof(use: Use) -> Condition:
    tests = use.conditions()
    return lambda run: any(test(run) for test in tests)


def _not(use: Use) -> Condition:
    (test,) = use.conditions()
    return lambda run: not test(run)


def _true(use: Use) -> Condition:
    return lambda run: True


def _false(use: Use) -> Condition:
    return lambda run: False


_TWO_LISTS = ((Takes.STRINGS, Takes.STRINGS),)
_SIZE = (TagOf("over", Takes.NUMBER, group="bound"), TagOf("under", Takes.NUMBER, group="bound"))

EXTENSION = Extension(
    "",
    "5228",
    questions=(
        Question("address", _address, _TWO_LISTS, matching=True, address=True),
        Question("header", _header, _TWO_LISTS, matching=True),
        Question("exists", _exists, ((Takes.STRINGS,),)),
        Question("size", _size, tags=_SIZE),
        Question("allof", _allof, within=Within.TESTS),
        Question("anyof", _anyof, within=Within.TESTS),
        Question("not", _not, within=Within.TEST),
        Question("true", _true),
        Question("false", _false),
    ),
)
