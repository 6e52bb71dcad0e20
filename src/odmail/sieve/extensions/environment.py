"""environment: where the script is run.  RFC 5183"""

from odmail.sieve.declare import Extension, Question, Takes
from odmail.sieve.run import Condition, Run
from odmail.sieve.use import Use


def _environment(use: Use) -> Condition:
    """An item that is not known fails whatever the keys.  RFC 5183 4"""
    name, matcher = use.text(0), use.matcher(1)

    def environment(run: Run) -> bool:
        value = run.lookup.environment(name(run).lower())
        return value is not None and matcher.any(run, (value,))

    return environment


EXTENSION = Extension(
    "environment",
    "5183",
    questions=(Question("environment", _environment, ((Takes.STRING, Takes.STRINGS),), matching=True),),
)
