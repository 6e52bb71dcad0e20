"""What one account's own experience says about a message that all others would get as it is."""

import msgspec

from odcore.ids import AccountId
from odmail.filter import bayes, tokens
from odmail.filter.memory import Memory
from odmail.filter.stored import author_and_vouching
from odmail.message.model import Parsed
from odmail.message.text import Read
from odmail.queue.verdict import Action, Verdict

_FRIEND = 1
"""Wanted messages, and no unwanted one, after which an author somebody vouches for is no spammer to this account."""


class Personal:
    """Asked at delivery, for each account anew."""

    def __init__(self, memory: Memory, junk_score: float, host: str) -> None:
        self._memory = memory
        self._junk_score = junk_score
        self._host = host

    def judge(self, account: AccountId, verdict: Verdict, parsed: Parsed, read: Read) -> Verdict:
        """The verdict as it is for this account."""
        junk = self._is_junk(account, verdict, parsed, read)
        return verdict if junk == verdict.junk else msgspec.structs.replace(verdict, junk=junk)

    def _is_junk(self, account: AccountId, verdict: Verdict, parsed: Parsed, read: Read) -> bool:
        """What a policy or a rule of the house put into Junk stays there."""
        if any(each.action is Action.JUNK for each in verdict.findings):
            return True
        if self._memory.size(account) == (0, 0):
            return verdict.junk
        block = read(0, parsed.header_size)
        author, domains, aligned = author_and_vouching(block, self._host)
        names = bayes.names(author, domains, aligned=aligned)
        known = self._memory.counts(account, names).features
        wanted, unwanted = known.get(names[0], (0, 0)) if author else (0, 0)
        if aligned and wanted >= _FRIEND and not unwanted:
            return False
        if not self._memory.has_learned(account, bayes.LEAST):
            return verdict.junk
        words = [*tokens.of_message(parsed.part, block, read), *names]
        own = bayes.score(bayes.chance(self._memory.counts(account, words), words))
        of_site = sum(each.score for each in verdict.findings if each.check == "bayes")
        return verdict.score - of_site + own >= self._junk_score
