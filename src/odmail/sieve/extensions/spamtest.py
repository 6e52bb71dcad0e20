"""spamtest, spamtestplus, virustest: what the checks before thought of the message.  RFC 5235"""

from odmail.sieve.declare import Extension, Question, TagOf, Takes
from odmail.sieve.run import Condition, Run
from odmail.sieve.use import Use


def _spamtest(use: Use) -> Condition:
    """0 not judged, 1 surely none ... 10 surely; with `:percent` 0 ... 100.  RFC 5235 3.2"""
    percent, matcher = use.has("percent"), use.matcher(0)

    def spamtest(run: Run) -> bool:
        score = run.envelope.spam
        if score is None:
            value = "0"
        else:
            value = str(round(100 * score) if percent else 1 + round(9 * score))
        return matcher.any(run, (value,)) if not (matcher.counts and score is None) else matcher.any(run, ())

    return spamtest


def _virustest(use: Use) -> Condition:
    """RFC 5235 3.3"""
    matcher = use.matcher(0)
    return lambda run: matcher.any(run, (str(run.envelope.virus or 0),))


EXTENSION = Extension(
    "spamtest",
    "5235",
    also=("spamtestplus", "virustest"),
    extends=("spamtestplus",),  # RFC 5235 3.1
    questions=(
        Question(
            "spamtest", _spamtest, ((Takes.STRINGS,),), tags=(TagOf("percent", requires="spamtestplus"),), matching=True
        ),
        Question("virustest", _virustest, ((Takes.STRINGS,),), matching=True, requires="virustest"),
    ),
)
