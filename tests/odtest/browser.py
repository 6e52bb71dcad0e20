"""A browser without a screen: cookies, forms, redirects, over TLS."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request

from odtest.daemon import Daemon

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """`status`, `url` and `text` are those of the last answer."""

    def __init__(self, house: Daemon) -> None:
        self.base = f"https://localhost:{house.ports['https']}"
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=house.tls()), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    def get(self, path: str, **headers: str) -> int:
        """Follow a link; the status."""
        return self._ask(urllib.request.Request(self.base + path, headers=_headers(headers)))

    def send(self, path: str, fields: dict[str, str | list[str]], **headers: str) -> int:
        """Send a form of the page that is open, with its token."""
        token = TOKEN.search(self.text)
        given = {"csrfmiddlewaretoken": token[1]} if token else {}
        body = urllib.parse.urlencode(given | fields, doseq=True).encode()
        origin = {"Referer": self.base + path, "Origin": self.base}
        return self._ask(urllib.request.Request(self.base + path, body, origin | _headers(headers)))

    def upload(self, path: str, fields: dict[str, str], name: str, octets: bytes) -> int:
        """Send a form with a file in its field `file`."""
        token = TOKEN.search(self.text)
        given = ({"csrfmiddlewaretoken": token[1]} if token else {}) | fields
        parts = [f'form-data; name="{key}"\r\n\r\n{value}'.encode() for key, value in given.items()]
        parts.append(f'form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + octets)
        body = b"".join(b"--limit\r\nContent-Disposition: " + part + b"\r\n" for part in parts) + b"--limit--\r\n"
        headers = {"Referer": self.base + path, "Origin": self.base}
        headers["Content-Type"] = "multipart/form-data; boundary=limit"
        return self._ask(urllib.request.Request(self.base + path, body, headers))

    def download(self, path: str) -> bytes:
        """Send an empty form and keep the file that comes back."""
        self.send(path, {})
        return self.octets

    def sign_in(self, login: str, password: str, onward: str = "") -> int:
        """As a person does."""
        path = "/sign-in" + (f"?next={urllib.parse.quote(onward)}" if onward else "")
        self.get(path)
        return self.send(path, {"login": login, "password": password})

    def cookie(self, name: str) -> str:
        """A cookie's value; "" when there is none."""
        return next((each.value or "" for each in self.cookies if each.name == name), "")

    def _ask(self, request: urllib.request.Request) -> int:
        try:
            with self._opener.open(request, timeout=30) as answer:
                return self._keep(answer)
        except urllib.error.HTTPError as answer:
            return self._keep(answer)

    def _keep(self, answer) -> int:
        self.status, self.url = answer.status, answer.url.removeprefix(self.base)
        self.headers = answer.headers
        self.octets = answer.read()
        self.text = self.octets.decode("utf-8", "replace")
        return self.status


def _headers(given: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}
