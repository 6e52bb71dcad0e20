"""One message as the owner of its author's domain will hear of it.  RFC 9990 3.1"""

from odmail.queue.model import Envelope, Origin
from odmail.queue.verdict import Action
from odmail.reports.model import DmarcRow, Signed
from odmail.trust.examine import Evaluation

_DISPOSITIONS = {Action.REFUSE: "reject", Action.JUNK: "quarantine"}


def seen_row(about: Evaluation, became: Action, envelope: Envelope, origin: Origin) -> DmarcRow:
    """Nothing in it says who wrote to whom."""
    judgement = about.judgement
    return DmarcRow(
        source=origin.address,
        disposition=_DISPOSITIONS.get(became, "none"),
        dkim="pass" if judgement.dkim else "fail",
        spf="pass" if judgement.spf else "fail",
        header_from=judgement.domain,
        envelope_from=envelope.sender.rpartition("@")[2].lower(),
        signatures=tuple(Signed(each.domain, each.selector, each.result) for each in about.signatures if each.domain),
        spf_domain=about.spf.domain,
        spf_result=about.spf.result,
        spf_scope="mfrom" if envelope.sender else "helo",
        reason="trusted_forwarder" if about.excused else "",
    )
