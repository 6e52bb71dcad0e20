"""envelope: how the message came, not what it says of itself.  RFC 5228 5.4"""

from odmail.sieve.declare import Extension, Question, Takes
from odmail.sieve.run import Condition, Run
from odmail.sieve.use import Use

_PARTS = ("from", "to")


def _envelope(use: Use) -> Condition:
    for name in use.texts(0):
        if name.constant is not None and name.constant.lower() not in _PARTS:
            raise use.fail(f"an envelope has no {name.constant} here", use.positional[0].place)
    names, matcher, part = use.texts(0), use.matcher(1), use.address_part()

    def envelope(run: Run) -> bool:
        found: list[str] = []
        for name in names(run):
            address = run.envelope.sender if name.lower() == "from" else run.envelope.recipient
            value = part(address) if address else ""  # RFC 5228 5.4: the null reverse-path is the empty string
            if value is not None and name.lower() in _PARTS:
                found.append(value)
        return matcher.any(run, found)

    return envelope


EXTENSION = Extension(
    "envelope",
    "5228",
    questions=(Question("envelope", _envelope, ((Takes.STRINGS, Takes.STRINGS),), matching=True, address=True),),
)
