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
        yield doubtful(
            f"no MTA-STS policy. At https://mta-sts.{case.domain}/.well-known/mta-sts.txt: version: STSv1; "
            f"mode: testing; mx: {case.host}; max_age: 86400, one on a line",
            txt(name, "v=STSv1; id=1"),
        )
        return
    if not read_record(texts):
        yield bad("the MTA-STS record cannot be understood, or there are several", txt(name, "v=STSv1; id=2"))
        return
    try:
        policy = read_policy(case.fetch(case.domain))
    except Fault as fault:
        yield bad(f"the policy cannot be had: {fault.text}")
        return
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


CHECK = Check("mta-sts", 50, look)
