"""Does the domain say what becomes of mail that forges it?  RFC 9989"""

from collections.abc import Iterator

from odmail.trust import tags
from odmail.trust.dmarc_policy import discover, read
from odsuite.published.check import Case, Check, Verdict, bad, doubtful, good, txt


def look(case: Case) -> Iterator[Verdict]:
    """The record that receivers would find; a parent's counts, too."""
    name = f"_dmarc.{case.domain}"
    proposal = txt(name, f"v=DMARC1; p=none; rua=mailto:dmarc-reports@{case.domain}")
    own = [text for text in case.texts(name) if text.startswith(b"v=DMARC1")]
    if len(own) > 1:
        yield bad("several DMARC records count as none", proposal)
        return
    if own and read(case.domain, own[0]) is None:
        yield bad(f"the DMARC record cannot be understood: {own[0].decode('ascii', 'replace')}", proposal)
        return
    policy = discover(case.domain, case.source).policy
    if policy is None:
        yield bad("no DMARC record: receivers do not refuse mail that forges the domain", proposal)
        return
    request = policy.request(case.domain, exists=True)
    where = "" if policy.domain == case.domain else f", by the record of {policy.domain}"
    if request == "none":
        yield doubtful(
            f"forged mail is let through (p=none){where}; read reports, then ask for quarantine, then reject"
        )
    else:
        yield good(f"forged mail: {request}{where}")
    if own and "rua" not in tags.parse(own[0]):
        yield doubtful(f"nobody gets reports: add rua=mailto:dmarc-reports@{case.domain}")


CHECK = Check("dmarc", 40, look)
