"""A person's way through the pages in a real browser: things are found by their role and the words of the catalog."""

import gettext
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Download, Locator, expect

import odweb
from odtest.chromium import DESKTOP, PHONE, Window
from odtest.daemon import PATIENCE, Daemon

WALKS = {"en-desk": ("en", DESKTOP, "dark"), "or-phone": ("or", PHONE, "light"), "hi-phone": ("hi", PHONE, "light")}
"""Languages and sizes in which each way is gone."""

_CATALOGS = Path(odweb.__file__).parent / "locale"
_PICTURES = os.environ.get("ODMAIL_PICTURES", "")
_TABS = 80

expect.set_options(timeout=PATIENCE * 1000)


class Walk(Window):
    """Each step ends with a look at the page: all in it can be read and used. `keys`: no pointer is used."""

    def __init__(self, chromium: Browser, house: Daemon, kind: str, name: str = "", *, keys: bool = False) -> None:
        self.language, self._size, self._scheme = WALKS[kind]
        super().__init__(chromium, house, self.language)
        self._name, self._keys, self._steps = f"{kind}-{name}", keys, 0
        self._catalog = gettext.translation("django", _CATALOGS, [self.language], fallback=self.language == "en")
        self._refusals: list[int] = []

    def say(self, text: str, /, **facts: object) -> str:
        """As the page says it."""
        said = self._catalog.gettext(text)
        return said % facts if facts else said

    def start(self, path: str) -> None:
        """By an address that is typed, or comes with a message."""
        self.open(path)
        self.look()

    def enter(self, login: str, password: str) -> None:
        """Sign in."""
        self.sign_in(login, password)
        self.look()

    def write(self, label: str, text: str) -> None:
        """Into a field, in place of what is there."""
        field = self.field(label)
        if self._keys:
            self._reach(field)
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(text)
        else:
            field.fill(text)

    def choose(self, label: str, name: str) -> None:
        """One of a list; `name` as the page says it."""
        self.field(label).select_option(label=name)

    def tick(self, control: Locator) -> None:
        """A box, or one of several."""
        if self._keys:
            self._reach(control)
            self.page.keyboard.press("Space")
        else:
            control.check()
        expect(control).to_be_checked()

    def field(self, label: str) -> Locator:
        """By its label, in words of the catalog."""
        return self.page.get_by_label(self.say(label), exact=True)

    def press(self, name: str, /, status: int = 200, **facts: object) -> None:
        """A button that leads on, or back to the form with what is wrong."""
        self.go(self.button(name, **facts), status)

    def button(self, name: str, /, **facts: object) -> Locator:
        """By its name, in words of the catalog."""
        return self.page.get_by_role("button", name=self.say(name, **facts), exact=True)

    def follow(self, name: str, /, status: int = 200, **facts: object) -> None:
        """A link, in words of the catalog."""
        self.go(self.link(self.say(name, **facts)), status)

    def link(self, said: str) -> Locator:
        """By its name as the page says it; many places are led to more than once."""
        return self.page.get_by_role("link", name=said, exact=True).first

    def go(self, control: Locator, status: int = 200) -> None:
        """To where this leads."""
        with self.page.expect_navigation() as went:
            self.use(control)
        assert went.value.status == status, f"{self.page.url}: {self.page.inner_text('main')}"
        if status >= 400:
            self._refusals.append(status)
        self.look()

    def download(self, control: Locator) -> bytes:
        """The file to which this leads."""
        with self.page.expect_download() as got:
            self.use(control)
        file: Download = got.value
        return Path(file.path()).read_bytes()

    def use(self, control: Locator) -> None:
        """By pointer, or by keyboard alone."""
        if self._keys:
            self._reach(control)
            self.page.keyboard.press("Enter")
        else:
            control.click()

    def reads(self, text: str, /, **facts: object) -> None:
        """The page says it, in words of the catalog."""
        self.shows(self.say(text, **facts))

    def shows(self, said: str) -> None:
        """The page has these letters."""
        expect(self.page.locator("main")).to_contain_text(said)

    def again(self) -> int:
        """The same page, as it is now; its status."""
        answer = self.page.reload()
        assert answer is not None
        if answer.status >= 400:
            self._refusals.append(answer.status)
        return answer.status

    def close(self) -> None:
        for status in self._refusals:  # the browser says so on its console, as it should
            told = next((each for each in self.wrong if f"status of {status}" in each), None)
            if told:
                self.wrong.remove(told)
        super().close()

    def look(self) -> None:
        """All on this page can be read and used."""
        self._steps += 1
        assert self.page.evaluate("document.documentElement.lang") == self.language, self.page.url
        self.fits(self._size, self._scheme)
        self.judge()
        if _PICTURES:
            path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\W", "_", self.page.url.removeprefix(self.base))[:40]
            name = f"walk-{self._name}-{self._steps:02}{path}.png"
            self.page.screenshot(path=Path(_PICTURES) / name, full_page=True)

    def _reach(self, control: Locator) -> None:
        """From where the focus is, by Tab alone; it can be seen when it is there."""
        wanted = control.element_handle()
        for _ in range(_TABS):
            if wanted.evaluate("each => each === document.activeElement"):
                drawn = wanted.evaluate("each => getComputedStyle(each).outlineStyle")
                assert drawn != "none", f"{self.page.url}: the focus cannot be seen"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{self.page.url}: the keyboard does not reach {control}")


@contextmanager
def walk(chromium: Browser, house: Daemon, kind: str, name: str = "", *, keys: bool = False) -> Iterator[Walk]:
    """Somebody's own browser, closed in the end."""
    going = Walk(chromium, house, kind, name, keys=keys)
    yield going
    going.close()
