"""A client of the drive, request by request."""

import base64
import http.client
import os
import socket
from xml.etree import ElementTree

from odtest.daemon import Daemon

SASMITA, BIBHUTI = "sasmita.nayak@odisha.example", "bibhuti.das@odisha.example"
MULTISTATUS = {"D": "DAV:"}


class Answer:
    """One request's."""

    def __init__(self, house: Daemon, method: str, path: str, body: bytes | None, who: str, headers: dict) -> None:
        connection = http.client.HTTPSConnection("localhost", house.ports["https"], context=house.tls(), timeout=20)
        basic = base64.b64encode(f"{who}:{house.people[who].password}".encode()).decode()
        connection.request(method, path, body, {"Authorization": f"Basic {basic}", **headers})
        got = connection.getresponse()
        self.status, self.headers, self.octets = got.status, got.headers, got.read()
        connection.close()

    def hrefs(self) -> list[str]:
        return [each.text for each in ElementTree.fromstring(self.octets).iterfind("D:response/D:href", MULTISTATUS)]


def ask(house, method, path, body=None, who=SASMITA, **headers) -> Answer:
    return Answer(house, method, path, body, who, {name.replace("_", "-"): text for name, text in headers.items()})


def url(house: Daemon, path: str = "") -> str:
    return f"https://localhost:{house.ports['https']}/drive/{path}"


def fresh(house: Daemon, who: str = SASMITA) -> str:
    """A folder of theirs that was not there before."""
    path = f"/drive/t{os.urandom(6).hex()}"
    assert ask(house, "MKCOL", path, who=who).status == 201
    return path


def begun(house: Daemon, path: str, length: int, more: str = "", method: str = "PUT") -> socket.socket:
    """A request up to its body."""
    plain = socket.create_connection(("localhost", house.ports["https"]), timeout=20)
    upload = house.tls().wrap_socket(plain, server_hostname="localhost")
    basic = base64.b64encode(f"{SASMITA}:{house.people[SASMITA].password}".encode()).decode()
    more = more or f"Content-Length: {length}"
    upload.sendall(
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {basic}\r\n{more}\r\n\r\n".encode()
    )
    return upload
