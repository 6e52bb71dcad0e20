"""Is the server's certificate the one its TLSA records name?  RFC 7672"""

import hashlib
from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odcore.net.dane import fits, usable
from odsuite.published.check import Case, Check, Verdict, bad, doubtful, good, none_for_missing


def look(case: Case) -> Iterator[Verdict]:
    """Records that do not fit are worse than none: who obeys them sends nothing."""
    name = f"_25._tcp.{case.host}"
    chain = x509.load_pem_x509_certificates(case.certificates[0].certificate.read_bytes())
    key = chain[0].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    proposal = f"{name}. IN TLSA 3 1 1 {hashlib.sha256(key).hexdigest()}"
    records = none_for_missing(case.source.any_tlsa, name)
    if not records:
        yield doubtful("no TLSA record; with a signed zone, it lets others check our certificate", proposal)
    elif not fits(usable(records), chain, [case.host]):
        yield bad("the certificate is none of those in the TLSA records: senders that check send nothing", proposal)
    elif not case.source.tlsa(name):
        why = "the zone is not signed" if case.source.trusted else "the resolver is not trusted with validation"
        yield doubtful(f"the TLSA records fit but are not validated: {why}")
    else:
        yield good("the certificate fits the TLSA records")


CHECK = Check("tlsa", 90, look, of_server=True)
