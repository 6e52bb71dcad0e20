"""Lists of `tag=value;`, the form of DKIM signatures and keys, ARC sets and DMARC policies.  RFC 6376 3.2"""

import re

_TAG = re.compile(r"[ \t\r\n]*([A-Za-z][A-Za-z0-9_]*)[ \t\r\n]*=(.*)\Z", re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]+")


class BadTags(Exception):
    """It is no such list, or names a tag twice."""


def parse(text: bytes) -> dict[str, str]:
    """In their order; white space around values is gone."""
    found: dict[str, str] = {}
    try:
        items = text.decode("utf-8").split(";")
    except UnicodeDecodeError:
        raise BadTags("it is not UTF-8") from None
    if not items[-1].strip():
        items.pop()
    for item in items:
        match = _TAG.match(item)
        if match is None:
            raise BadTags("it is no list of tags")
        if match[1] in found:
            raise BadTags(f"{match[1]}= stands there twice")
        found[match[1]] = match[2].strip(" \t\r\n")
    return found


def squeezed(value: str) -> str:
    """A value in which white space means nothing, base64 for one."""
    return _SPACE.sub("", value)


def listed(value: str) -> list[str]:
    """A colon-separated value."""
    return [squeezed(each) for each in value.split(":")]
