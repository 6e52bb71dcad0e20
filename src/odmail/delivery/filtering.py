"""Delivery by Sieve scripts: what they want of the messages of one batch, done in one transaction.  RFC 5228 2.10

What leaves (redirects) is in the queue before the account commits, and what answers (vacation, notices) only after it:
a crash in between redirects twice rather than never, and never answers twice. A redirect whose message could not be
filed is remembered, so that the next attempt does not repeat it.
"""

from collections.abc import Iterator, Sequence

import msgspec
import structlog

from odcore import clock
from odcore.errors import Fault
from odcore.ids import AccountId
from odmail.delivery import told
from odmail.delivery.former import Former, Rule
from odmail.delivery.local import Drop, folder_of
from odmail.delivery.outcomes import delivered, failed, refused
from odmail.delivery.outgoing import Outgoing
from odmail.delivery.ports import Outcome
from odmail.delivery.programs import Chosen, Programs
from odmail.delivery.reach import Reach
from odmail.delivery.sorting import Plan, Sorter
from odmail.delivery.world import World
from odmail.mailbox.api import MailAccount
from odmail.mailbox.names import normalize
from odmail.mailbox.scripts import Deliver, Mark, Sorted
from odmail.sieve import limits

log = structlog.get_logger()

_HOUR = 3600.0
_SENT = 6 * 24 * 3600
"""Seconds for which a redirect is remembered: longer than the queue tries."""


class Spent(msgspec.Struct):
    """Processor time of an account's scripts within the hour."""

    since: float
    cpu: float = 0.0


class Filtering:
    """Runs the scripts of accounts; `odmail.delivery.local` hands it what is for an account that has some."""

    def __init__(
        self, host: str, reach: Reach, programs: Programs, outgoing: Outgoing, junk_score: float, former: Former
    ) -> None:
        """`junk_score` is the one from which on the checks at the door call a message junk."""
        self._former = former
        self._junk_score = junk_score
        self._host = host
        self._reach = reach
        self._programs = programs
        self._outgoing = outgoing
        self._spent: dict[AccountId, Spent] = {}

    def deliver(self, account: MailAccount, drops: Sequence[Drop]) -> list[Outcome] | None:
        """One outcome for each; None when nothing is to be done but what is done without scripts."""
        chosen = self._programs.choose(account.id, account)
        rule = self._former.rule(drops[0].account)
        if not chosen.scripts and not chosen.broken and rule is None:
            return None
        world = World(account, self._reach, self._programs.site, self._host)
        sorter = Sorter(self._host, self._reach.directory, world, self._junk_score)
        plans = [self._plan(sorter, account, chosen, drop, rule) for drop in drops]
        refusals = [self._redirect(account, plan) for plan in plans]
        ready = iter(self._carry_out(account, [plan for plan, no in zip(plans, refusals, strict=True) if no is None]))
        return [next(ready) if no is None else no for no in refusals]

    def _plan(self, sorter: Sorter, account: MailAccount, chosen: Chosen, drop: Drop, rule: Rule | None) -> Plan:
        """What is to be done with one message."""
        folder = folder_of(account, drop.detail)
        broken = chosen.broken or self._exhausted(account.id)
        if broken:
            return sorter.kept(drop, folder, chosen, broken)
        plan, cpu = sorter.sort(drop, folder, chosen)
        if rule is not None:
            sorter.besides(plan, folder, rule)
        self._count(account.id, cpu)
        return plan

    def _carry_out(self, account: MailAccount, plans: list[Plan]) -> list[Outcome]:
        """The account, then answers."""
        try:
            work = Deliver(
                [each for plan in plans for each in plan.messages], [mark for plan in plans for mark in plan.marks]
            )
            found = iter(account.deliver(work) if work.messages or work.marks else ())
        except Fault as fault:
            if len(plans) > 1:  # the quota does not take all: what fits gets in
                return [self._carry_out(account, [plan])[0] for plan in plans]
            self._remember_redirects(account, plans[0])
            log.warning("not_delivered", id=plans[0].drop.letter.id, account=account.id, reason=fault.text)
            return [refused(fault)]
        for plan in plans:
            plan.did += [word for each in plan.messages for word in _where(each, next(found))]
        return [self._finish(account, plan) for plan in plans]

    def _redirect(self, account: MailAccount, plan: Plan) -> Outcome | None:
        """None, or what it means for the message that the queue takes nothing now."""
        try:
            for redirect in plan.redirects:
                if not account.is_remembered(redirect.key):
                    self._outgoing.redirect(plan.drop, redirect.address, plan.edited)
        except Fault as fault:
            log.warning("not_redirected", id=plan.drop.letter.id, account=account.id, reason=fault.text)
            return refused(fault)
        return None

    def _remember_redirects(self, account: MailAccount, plan: Plan) -> None:
        until = clock.timestamp() + _SENT
        marks = [Mark(redirect.key, until) for redirect in plan.redirects]
        if marks:
            account.deliver(Deliver((), marks))

    def _finish(self, account: MailAccount, plan: Plan) -> Outcome:
        """The account has it: now others may hear of it. What the queue does not take now is not sent: no second try
        of the message is worth an answer.
        """
        for recipients, octets in plan.letters:
            try:
                self._outgoing.send(plan.drop.letter.id, recipients, octets)
            except Fault as fault:
                log.warning("not_answered", id=plan.drop.letter.id, account=account.id, reason=fault.text)
        log.info(
            "sieve",
            id=plan.drop.letter.id,
            account=account.id,
            did=plan.did,
            **({"error": plan.error} if plan.error else {}),
        )
        if plan.reason:
            return failed("5.7.1", plan.reason)
        why = plan.error or told.why(plan.drop.verdict)
        return msgspec.structs.replace(delivered(", ".join(plan.did)), why=why)

    def _count(self, account: AccountId, cpu: float) -> None:
        now = clock.monotonic()
        spent = self._spent.setdefault(account, Spent(now))
        if now - spent.since > _HOUR:
            spent.since, spent.cpu = now, 0.0
        spent.cpu += cpu
        if len(self._spent) > 10_000:
            self._spent.pop(next(iter(self._spent)))

    def _exhausted(self, account: AccountId) -> str:
        """A32: scripts that cost too much in all rest until the hour is over."""
        spent = self._spent.get(account)
        if spent is None or spent.cpu < limits.CPU or clock.monotonic() - spent.since > _HOUR:
            return ""
        return f"the scripts ran for more than {limits.CPU:.0f} seconds within the hour"


def _where(message: Sorted, found: Sequence[tuple[str, int]]) -> Iterator[str]:
    """The mailboxes that have it now, and those that were meant and are not there."""
    names = [name for name, _ in found]
    yield from (f"delivered to {name}" for name in names)
    for each in message.places:
        if not (each.special_use or each.mailbox_id or normalize(each.target) in names):
            shown = "".join(letter if letter.isprintable() else "?" for letter in each.target[:100])
            yield f"there is no mailbox {shown}"
