"""Where do others tell that TLS with us failed?  RFC 8460 3"""

from collections.abc import Iterator

from odmail.trust import tags
from odsuite.published.check import Case, Check, Verdict, bad, doubtful, good, txt


def look(case: Case) -> Iterator[Verdict]:
    """One record with a mailto: or https: address."""
    name = f"_smtp._tls.{case.domain}"
    proposal = txt(name, f"v=TLSRPTv1; rua=mailto:tls-reports@{case.domain}")
    texts = [text for text in case.texts(name) if text.startswith(b"v=TLSRPTv1")]
    if not texts:
        yield doubtful("nobody is told when others cannot reach us by TLS", proposal)
        return
    try:
        rua = tags.parse(texts[0]).get("rua", "")
    except tags.BadTags as wrong:
        yield bad(f"the TLS-RPT record cannot be understood: {wrong}", proposal)
        return
    if len(texts) > 1:
        yield bad("several TLS-RPT records count as none", proposal)
    elif not all(each.strip().lower().startswith(("mailto:", "https:")) for each in rua.split(",")):
        yield bad(f"reports cannot be sent to {rua or 'nowhere'}", proposal)
    else:
        yield good(f"reports go to {rua}")


CHECK = Check("tls-rpt", 60, look)
