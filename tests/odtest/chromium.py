"""A real browser on the pages: Debian's Chromium, driven by Playwright; axe-core looks for what shuts people out."""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, Page, Playwright

from odtest.daemon import PATIENCE, Daemon

PROGRAM = "/usr/bin/chromium"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
LANGUAGES = ("en", "or", "hi")
_AXE = Path(__file__).parents[2] / ".venv" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_GRAVE = ("serious", "critical")
_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
_SHAPE = r"""() => {
  const kept = /^(class|role|type|hidden)$/;
  const attribute = ({ name, value }) => (kept.test(name) ? `${name}=${value}` : name);
  const says = (each) => [...each.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const shape = (each) => [each.tagName, ...[...each.attributes].map(attribute), says(each)].join(" ");
  return [...new Set([...document.querySelectorAll("main *")].map(shape))].join("\n");
}"""


class Sound:
    """What axe has found nothing in: a page of the same shape and size need not be judged again, whatever its words.

    A file for each in a folder, so that all processes of a run know it.
    """

    folder = Path()

    @classmethod
    def mark(cls, shape: str, how: str) -> Path:
        """Its file."""
        return cls.folder / hashlib.sha256(f"{shape}\0{how}".encode()).hexdigest()


def launch(playwright: Playwright, house: Daemon) -> Browser:
    """One that takes the demonstration's certificate for good: passkeys work nowhere else."""
    certificate = x509.load_pem_x509_certificate((house.folder / "tls" / "server.pem").read_bytes())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pin = base64.b64encode(hashlib.sha256(key).digest()).decode()
    return playwright.chromium.launch(
        executable_path=PROGRAM, args=["--disable-gpu", f"--ignore-certificate-errors-spki-list={pin}"]
    )


class Window:
    """One person's browser. What it fetched from elsewhere, and what its console said, is found by `close`."""

    def __init__(self, chromium: Browser, house: Daemon, language: str = "en") -> None:
        self.base = f"https://localhost:{house.ports['https']}"
        self._context = chromium.new_context(viewport=PHONE, base_url=self.base, reduced_motion="reduce")
        name = {"name": "__Host-language", "value": language, "url": self.base, "secure": True}
        self._context.add_cookies([name])
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.wrong: list[str] = []
        self.page.on("request", lambda request: self._only_ours(request.url))
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("console", lambda said: said.type == "error" and self.wrong.append(f"console: {said.text}"))

    def get_authenticator(self) -> None:
        """A device of one's own in this window, that makes and uses passkeys."""
        devices = self.page.context.new_cdp_session(self.page)
        devices.send("WebAuthn.enable")
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})

    def open(self, path: str) -> None:
        """Go there; the page is drawn when this returns."""
        self.page.goto(path, wait_until="load")

    def sign_in(self, login: str, password: str) -> None:
        """As a person does, by keyboard."""
        self.open("/sign-in")
        self.page.wait_for_function("document.hasFocus() && document.activeElement.matches('input[autofocus]')")
        self.page.keyboard.type(login)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(password)
        with self.page.expect_navigation(url=re.compile(r".*/(me|sign-in/.*)$")):
            self.page.keyboard.press("Enter")

    def fits(self, size: dict[str, int], scheme: str) -> None:
        """In this size, `light` or `dark`, nothing is beyond the edge."""
        self.page.set_viewport_size(size)
        self.page.emulate_media(color_scheme=scheme)
        self._how = f"{size['width']}, {scheme}"
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self.wrong.append(f"{self.page.url} at {self._how}: {wide} pixels beyond the edge")

    def judge(self) -> None:
        """Axe finds nothing serious."""
        mark = Sound.mark(self.page.evaluate(_SHAPE), self._how)
        if mark.exists():
            return
        self.page.evaluate(_AXE.read_text())
        found = self.page.evaluate("rules => axe.run({runOnly: rules})", _RULES)["violations"]
        wrong = [
            f"{self.page.url} at {self._how}: {each['id']}: {node['target']} {node['failureSummary']}"
            for each in found
            if each["impact"] in _GRAVE
            for node in each["nodes"]
        ]
        self.wrong += wrong
        if not wrong:
            mark.touch()

    def reach(self, selector: str, most: int = 60) -> None:
        """By keyboard alone, from the top of the page, with a focus that can be seen."""
        self.page.evaluate(
            "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')"
        )
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                seen = self.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert seen != "none", f"{self.page.url}: the focus cannot be seen"
                return
        raise AssertionError(f"{self.page.url}: the keyboard does not reach {selector}")

    def links(self) -> list[str]:
        """Paths of this site that the page leads to."""
        found = self.page.eval_on_selector_all("a[href]:not([download])", "all => all.map(each => each.href)")
        return [each.removeprefix(self.base).partition("#")[0] for each in found if each.startswith(self.base)]

    def close(self) -> None:
        """With what went wrong meanwhile."""
        self._context.close()
        assert not self.wrong, "\n".join(self.wrong)

    def _only_ours(self, url: str) -> None:
        if not url.startswith((self.base + "/", "data:", "blob:")):
            self.wrong.append(f"asked for {url}")


@contextmanager
def window(chromium: Browser, house: Daemon, language: str = "en") -> Iterator[Window]:
    """A window, closed in the end."""
    opened = Window(chromium, house, language)
    yield opened
    opened.close()
