"""variables: `set`, `${name}`, the test `string`.  RFC 5229"""

import re
from collections.abc import Callable

from odmail.sieve.declare import Extension, Question, TagOf, Takes, Verb
from odmail.sieve.glob import quoted
from odmail.sieve.run import Condition, Run, Step
from odmail.sieve.use import Use

_NAME = re.compile(r"(global\.)?[A-Za-z_][A-Za-z0-9_]*\Z")
_SPECIAL = re.compile(r"([.^$*+?{}\[\]\\|()])")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def _percent(text: str) -> str:
    """RFC 5435 6"""
    octets = text.encode("utf-8", "surrogateescape")
    return "".join(chr(octet) if octet in _UNRESERVED else f"%{octet:02X}" for octet in octets)


_MODIFIERS: tuple[tuple[str, int, str, Callable[[str], str]], ...] = (
    # name, precedence, capability (RFC 5229 4.1, RFC 5435 6, draft-ietf-sieve-regex)
    ("lower", 40, "", str.lower),
    ("upper", 40, "", str.upper),
    ("lowerfirst", 30, "", lambda text: text[:1].lower() + text[1:]),
    ("upperfirst", 30, "", lambda text: text[:1].upper() + text[1:]),
    ("quotewildcard", 20, "", quoted),
    ("quoteregex", 20, "regex", lambda text: _SPECIAL.sub(r"\\\1", text)),
    ("encodeurl", 15, "enotify", _percent),
    ("length", 10, "", lambda text: str(len(text))),
)


def variable_name(use: Use, index: int) -> str:
    """The plain name of a variable at a position, in lower case."""
    name = use.literal(index)
    if not _NAME.match(name):
        raise use.fail(f"{name} is no name of a variable", use.positional[index].place)
    if name.lower().startswith("global."):
        use.compiler.need("include", use.place, "a global variable")
    return name.lower()


def modified(use: Use, text: str) -> str:
    """As the modifiers given say, the greatest precedence first."""
    for name, _, _, change in _MODIFIERS:
        if use.has(name):
            text = change(text)
    return text


def modifiers() -> tuple[TagOf, ...]:
    """As tags."""
    return tuple(TagOf(name, group=f"modifier {order}", requires=needs) for name, order, needs, _ in _MODIFIERS)


def _set(use: Use) -> Step:
    name, value = variable_name(use, 0), use.text(1)
    return lambda run: run.set(name, modified(use, value(run)))


def _string(use: Use) -> Condition:
    """RFC 5229 5: `:count` counts what is not empty."""
    source, matcher = use.texts(0), use.matcher(1)

    def string(run: Run) -> bool:
        values = source(run)
        return matcher.any(run, [value for value in values if value] if matcher.counts else values)

    return string


EXTENSION = Extension(
    "variables",
    "5229",
    verbs=(Verb("set", _set, ((Takes.STRING, Takes.STRING),), tags=modifiers()),),
    questions=(Question("string", _string, ((Takes.STRINGS, Takes.STRINGS),), matching=True),),
)
