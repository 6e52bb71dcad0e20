"""environment: where the script is run.  RFC 5183"""

from collections.abc import Callable

from odmail.sieve.declare import Extension, Question, Takes
from odmail.sieve.house import Envelope
from odmail.sieve.run import Condition, Run
from odmail.sieve.use import Use

_REMOTE: dict[str, Callable[[Envelope], str]] = {
    "remote-host": lambda envelope: envelope.remote_host,
    "remote-ip": lambda envelope: envelope.remote_ip,
}
"""What came with the message."""


def _environment(use: Use) -> Condition:
    """An item that is not known fails whatever the keys.  RFC 5183 4"""
    name, matcher = use.text(0), use.matcher(1)

    def environment(run: Run) -> bool:
        item = name(run).lower()
        value = _REMOTE[item](run.envelope) or None if item in _REMOTE else run.lookup.environment(item)
        return value is not None and matcher.any(run, (value,))

    return environment


EXTENSION = Extension(
    "environment",
    "5183",
    questions=(Question("environment", _environment, ((Takes.STRING, Takes.STRINGS),), matching=True),),
)
