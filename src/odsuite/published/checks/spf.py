"""May this server send for the domain, and may not everybody?  RFC 7208"""

from collections.abc import Iterator

from odmail.trust.spf import Asked, check
from odsuite.published.check import Case, Check, Verdict, bad, doubtful, good, listed, txt

_STRANGERS = ("192.0.2.1", "2001:db8::1")
"""Of nobody (RFC 5737, RFC 3849): who passes for them passes everybody."""


def look(case: Case) -> Iterator[Verdict]:
    """The record is evaluated as a receiver would, for each address mail leaves from."""
    sender = case.relay or case.host
    ours = (sender,) if _is_address(sender) else case.addresses(sender)
    proposal = txt(case.domain, f"v=spf1 mx{_term(case.relay)} -all")
    for address in ours:
        answer = check(Asked(address, f"postmaster@{case.domain}", case.host), case.source)
        if answer.result == "none":
            yield bad("no SPF record: anybody may send in its name, and many receivers distrust its mail", proposal)
            return
        if answer.result == "pass":
            yield good(f"{address} may send for it ({answer.reason})")
        else:
            yield bad(f"mail from {sender} ({address}) gets {answer.result}: {answer.reason}", proposal)
    if not ours:
        yield bad(f"{sender} has no address in the DNS, so no record can name it", f"{sender}. IN A ...")
    yield from _strangers(case)


def _term(relay: str) -> str:
    """What names the relay in a record."""
    if not _is_address(relay):
        return f" a:{relay}" if relay else ""
    return f" ip6:{relay}" if ":" in relay else f" ip4:{relay}"


def _is_address(name: str) -> bool:
    return ":" in name or name.replace(".", "").isdigit()


def _strangers(case: Case) -> Iterator[Verdict]:
    results = {check(Asked(each, f"x@{case.domain}", "x.invalid"), case.source).result for each in _STRANGERS}
    if "pass" in results:
        yield bad("the record lets everybody send for the domain: it should end in -all")
    elif results & {"neutral", "softfail"}:
        yield doubtful(f"strangers get {listed(sorted(results))}; -all at the end of the record refuses them")


CHECK = Check("spf", 20, look)
