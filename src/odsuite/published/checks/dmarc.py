"""Does the domain say what becomes of mail that forges it?  RFC 9989"""

from collections.abc import Iterator

from odmail.reports.addresses import agreed
from odmail.reports.addresses import read as read_uris
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
    if own:
        yield from _reports(case, tags.parse(own[0]).get("rua", ""))


def _reports(case: Case, uris: str) -> Iterator[Verdict]:
    """RFC 9990 4: who takes reports about others has to say so."""
    if not uris:
        yield doubtful(f"nobody gets reports: add rua=mailto:dmarc-reports@{case.domain}")
    for each in read_uris(uris):
        if each.is_mail and not agreed(case.domain, each, case.source):
            other = each.target.rpartition("@")[2]
            record = txt(f"{case.domain}._report._dmarc.{other}", "v=DMARC1")
            yield doubtful(f"{each.target} gets no reports before {other} says that it takes them", record)


CHECK = Check("dmarc", 40, look)
