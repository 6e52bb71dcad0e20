"""duplicate: has this message, or one like it, been here before?  RFC 7352"""

from hashlib import blake2b

from odmail.sieve.actions import Remember
from odmail.sieve.declare import Extension, Question, TagOf, Takes
from odmail.sieve.run import Condition, Run
from odmail.sieve.use import Use

_USUAL = 7 * 24 * 3600
_MOST = 90 * 24 * 3600


def _duplicate(use: Use) -> Condition:
    header, unique = use.tag_text("header", "Message-ID"), use.tag_text("uniqueid")
    handle, last = use.tag_text("handle"), use.has("last")
    seconds = min(use.tag_number("seconds", _USUAL), _MOST)
    given = use.has("uniqueid")

    def duplicate(run: Run) -> bool:
        if given:
            value = unique(run)
        else:
            found = run.mail.fields.named(header(run))
            if not found:  # RFC 7352 3.1: what cannot be told apart is no duplicate
                return False
            value = found[0].text
        key = _key("u" if given else f"h{header(run).lower()}", handle(run), value)
        seen = run.lookup.is_duplicate(key) or any(each.key == key for each in run.remember)
        if last or not seen:  # RFC 7352 3.3: with :last the time counts from the latest one
            run.remember.append(Remember(key, seconds))
        return seen

    return duplicate


def _key(*parts: str) -> str:
    octets = "\0".join(parts).encode("utf-8", "surrogateescape")
    return blake2b(octets, digest_size=16).hexdigest()


EXTENSION = Extension(
    "duplicate",
    "7352",
    questions=(
        Question(
            "duplicate",
            _duplicate,
            tags=(
                TagOf("handle", Takes.STRING),
                TagOf("header", Takes.STRING, group="id"),
                TagOf("uniqueid", Takes.STRING, group="id"),
                TagOf("seconds", Takes.NUMBER),
                TagOf("last"),
            ),
        ),
    ),
)
