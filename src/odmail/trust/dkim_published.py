"""Does the DNS show our key?  RFC 6376 3.6.2"""

from odcore.errors import Fault, Kind
from odcore.net.dns import Resolver
from odmail.trust import tags
from odmail.trust.dkim_key import Unusable, read
from odmail.trust.dkim_keys import Key


def objection(key: Key, resolver: Resolver) -> str:
    """What is wrong with the record, "" when it is exactly one and verifies what this key signs."""
    try:
        texts = resolver.txt(key.record_name)
    except Fault as fault:
        return "is not in the DNS" if fault.kind is Kind.NOT_FOUND else "cannot be looked up: the DNS gave no answer"
    if not texts:
        return "is not in the DNS"
    if len(texts) > 1:  # RFC 6376 3.6.2.2
        return "is there more than once: verifiers may take any of them"
    try:
        read(texts[0])
    except Unusable as unusable:
        return f"cannot be used: {unusable.reason}"
    shown = tags.squeezed(tags.parse(texts[0])["p"])
    return "" if shown.encode() == key.public else "shows another key"
