"""What the people of this site moved to Junk, and out of it, says about words and senders like these."""

from collections.abc import Iterable

from odmail.filter import bayes, tokens
from odmail.filter.case import Case
from odmail.filter.check import Check, Tools
from odmail.queue.verdict import Finding


def check(case: Case, tools: Tools) -> Iterable[Finding]:
    """By the whole site's experience; an account's own is asked at delivery."""
    if not tools.memory.has_learned(None, bayes.LEAST):
        return
    words = [
        *tokens.of_message(case.parsed.part, case.header, case.read),
        *bayes.names(case.author, case.domains, aligned=case.aligned),
    ]
    chance = bayes.chance(tools.memory.counts(None, words), words)
    yield Finding("bayes", f"{chance:.2f}", score=bayes.score(chance))


CHECK = Check("words", 40, check)
