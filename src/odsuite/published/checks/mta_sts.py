"""Is TLS asked of those who send to us, and does the policy name our servers?  RFC 8461"""

from collections.abc import Iterator

from odcore.errors import Fault
from odmail.transport.sts import Mode, read_policy, read_record
from odsuite.published.check import Case, Check, Verdict, bad, doubtful, good, listed, txt


def look(case: Case) -> Iterator[Verdict]:
    """Record, web server, its certificate, the policy, and whether it fits the MX records."""
    name = f"_mta-sts.{case.domain}"
    texts = [text for text in case.texts(name) if text.startswith(b"v=STSv1")]
    if not texts:
        if case.policy is None:
            yield doubtful("no MTA-STS policy: set [delivery] mta_sts, then publish the record printed here")
        else:
            host = f"mta-sts.{case.domain}. IN CNAME {case.host}."
            yield doubtful("no MTA-STS policy is announced", _record(case), host)
            yield from _certificate(case)
        return
    if not read_record(texts):
        yield bad("the MTA-STS record cannot be understood, or there are several", _record(case))
        return
    try:
        policy = read_policy(case.fetch(case.domain))
    except Fault as fault:
        yield bad(f"the policy cannot be had: {fault.text}")
        yield from _certificate(case)
        return
    if case.policy and policy != case.policy:
        yield doubtful("the policy found there is not the one of this server: does the name lead here?")
    elif case.policy and read_record(texts) != policy.id():
        yield doubtful("the policy has changed, and senders do not know: change the record", _record(case))
    missing = [each.host for each in case.exchangers() if not policy.allows(each.host)]
    if policy.mode is Mode.NONE:
        yield doubtful("the policy is mode: none, nothing is asked")
        return
    if missing:
        text = f"the policy does not name {listed(missing)}: add it, and change the record's id"
        yield bad(text) if policy.mode is Mode.ENFORCE else doubtful(text)
    elif policy.mode is Mode.TESTING:
        yield doubtful("the policy is mode: testing; enforce when reports are clean")
    else:
        yield good(f"TLS is asked for {policy.max_age // 86400} days at a time")


def _record(case: Case) -> str:
    """The id follows from the policy."""
    return txt(f"_mta-sts.{case.domain}", f"v=STSv1; id={case.policy.id() if case.policy else 1}")


def _certificate(case: Case) -> Iterator[Verdict]:
    name = f"mta-sts.{case.domain}"
    if not case.certified(name):
        yield doubtful(f"no certificate of ours is for {name}: senders take the policy from no other")


CHECK = Check("mta-sts", 50, look)
