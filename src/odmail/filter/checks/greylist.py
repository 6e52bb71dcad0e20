"""Greylisting: a sender nothing speaks for is asked to come again in some minutes.  RFC 6647"""

from collections.abc import Iterable

from odcore.net.networks import network_of
from odmail.filter.case import Case
from odmail.filter.check import Check, Tools
from odmail.queue.verdict import Action, Finding


def check(case: Case, tools: Tools) -> Iterable[Finding]:
    """What waits is not scanned: most of it never comes again."""
    how = tools.settings.greylist
    if how == "off" or any(each.check == "dnswl" for each in case.findings):
        return
    if how == "suspicious" and case.domains and case.score < 2.0:
        return
    recipients = tuple(each.address for each in case.envelope.recipients)
    wait = tools.memory.wait(network_of(case.origin.address, 24, 64), case.envelope.sender, recipients)
    if wait:
        yield Finding("greylist", "wait", f"new here: try again in {wait} seconds", action=Action.DEFER, code="4.7.1")


CHECK = Check("greylist", 60, check, outside=True)
