"""A push service on loopback that keeps what it is given, and devices that read it."""

import base64
from types import SimpleNamespace

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odtest.https_server import HttpsServer, Quiet

SPACES = 'xmlns="https://bitfire.at/webdav-push" xmlns:D="DAV:"'
BOTH = "<content-update><D:depth>1</D:depth></content-update><property-update><D:depth>0</D:depth></property-update>"


def _text(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


class PushService(HttpsServer):
    """It answers `status`, and `headers`."""

    def __init__(self, folder, host="push.example"):
        self.taken, self.status, self.headers = [], 201, {}
        service = self

        class Handler(Quiet):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = service.status
                service.taken.append(SimpleNamespace(path=self.path, headers=dict(self.headers), octets=body))
                self.send_response(status)
                for name, value in ({"Content-Length": "0"} | service.headers).items():
                    self.send_header(name, value)
                self.end_headers()

        super().__init__(folder, host, Handler)


class Device:
    """Listens at `path` of a push service."""

    def __init__(self, service, path="/one"):
        self._service, self._path = service, path
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.url = f"https://{service.place}{path}"
        self.secret = b"s" * 16
        self.public = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def asks(self, trigger=BOTH, more=""):
        """The body of a push-register."""
        named = f"<trigger>{trigger}</trigger>" if trigger is not None else ""
        return (
            f"<push-register {SPACES}><subscription><web-push-subscription><push-resource>{self.url}</push-resource>"
            f'<subscription-public-key type="p256dh">{_text(self.public)}</subscription-public-key>'
            f"<auth-secret>{_text(self.secret)}</auth-secret></web-push-subscription></subscription>{named}{more}"
            "</push-register>"
        )

    def heard(self):
        """Every message that came, decrypted."""
        return [
            http_ece.decrypt(each.octets, private_key=self._key, auth_secret=self.secret, version="aes128gcm").decode()
            for each in self._service.taken
            if each.path == self._path
        ]
