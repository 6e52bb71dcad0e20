"""Is the certificate for the server's name, valid, and signed by somebody apps know?  RFC 9525"""

from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from OpenSSL import SSL
from OpenSSL.crypto import X509, X509StoreContext, X509StoreContextError

from odsuite import certs
from odsuite.published.check import Case, Check, Verdict, bad, doubtful, good, listed

_SOON = 21  # days


def look(case: Case) -> Iterator[Verdict]:
    """All of them must last; one must bear the name."""
    for path in (pair.certificate for pair in case.certificates):
        days = certs.expiry_days(path)
        text = f"{path.name} is good for {days:.0f} days"
        if days < 0:
            yield bad(f"{path.name} ended {-days:.0f} days ago")
        else:
            yield doubtful(text) if days < _SOON else good(text)
    if not case.certified(case.host):
        yield bad(f"no certificate is for {case.host}: apps refuse to connect")
    elif problem := _stranger(case.certificates[0].certificate):
        yield doubtful(f"apps that know no authority but the public ones refuse the certificate: {problem}")
    if not all(map(case.certified, case.names)):
        yield doubtful(f"not all names that apps and servers ask for are certified. They are: {listed(case.names)}")


def _stranger(path: Path) -> str:
    """Why the authorities of this machine do not vouch for it; "" if they do."""
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_default_verify_paths()
    store = context.get_cert_store()
    assert store is not None  # a new context has one
    leaf, *others = map(X509.from_cryptography, x509.load_pem_x509_certificates(path.read_bytes()))
    try:
        X509StoreContext(store, leaf, others).verify_certificate()
    except X509StoreContextError as error:
        return str(error)
    return ""


CHECK = Check("certificate", 100, look, of_server=True)
