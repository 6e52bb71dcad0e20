"""Passkeys in a real browser, with an authenticator that Chromium plays."""

import json
import re
from urllib.parse import urlsplit

from odtest.browser import Browser
from odtest.chromium import Window, window
from odtest.daemon import Daemon

SUJATA = "sujata.panda@odisha.example"
ANJALI = "anjali.mohanty@odisha.example"  # administers everything


def path(opened: Window) -> str:
    return urlsplit(opened.page.url).path


def press(opened: Window, name: str, onward: str) -> None:
    with opened.page.expect_navigation(url=re.compile(onward)):
        opened.page.get_by_role("button", name=name, exact=True).click()


def test_a_passkey_is_made_signs_in_alone_and_as_second_step_and_is_removed(house: Daemon, chromium):
    password = house.people[SUJATA].password
    with window(chromium, house) as opened:
        opened.get_authenticator()
        opened.sign_in(SUJATA, password)
        opened.open("/me/second")
        opened.page.get_by_label("Name of the passkey").fill("<i>My phone</i>")
        press(opened, "Make a passkey", "/me/second")
        assert opened.page.locator("li.secret").count() == 10
        assert "<i>My phone</i>" in opened.page.locator("td").first.inner_text()

        press(opened, "Sign out", "/sign-in")
        opened.open("/sign-in?next=/me/devices")
        press(opened, "Sign in with a passkey", "/me/devices")

        press(opened, "Sign out", "/sign-in")
        opened.sign_in(SUJATA, password)
        assert path(opened) == "/sign-in/code"
        press(opened, "Use my passkey", "/me$")

        opened.open("/me/second")
        press(opened, "Remove the passkey <i>My phone</i>", "/me/second")
        press(opened, "Sign out", "/sign-in")
        opened.open("/sign-in")
        opened.page.get_by_role("button", name="Sign in with a passkey").click()
        opened.page.wait_for_load_state("load")
        opened.page.get_by_text("is not known").or_(opened.page.get_by_role("alert")).first.wait_for()
        opened.wrong = [each for each in opened.wrong if "401" not in each]  # told on the console, as it should be


def test_an_answer_is_for_one_challenge_of_one_session_and_for_ones_own_account(house: Daemon, chromium):
    with window(chromium, house) as opened:
        opened.get_authenticator()
        opened.sign_in(ANJALI, house.people[ANJALI].password)
        opened.open("/me/second")
        opened.page.get_by_label("Name of the passkey").fill("Key")
        press(opened, "Make a passkey", "/me/second")
        press(opened, "Sign out", "/sign-in")
        with opened.page.expect_request(lambda asked: asked.url.endswith("/sign-in/passkey?next=")) as sent:
            press(opened, "Sign in with a passkey", "/me$")
        answer = dict(each.split("=", 1) for each in sent.value.post_data.split("&"))["answer"]
        opened.open("/me/second")
        press(opened, "Remove the passkey Key", "/me/second")
    from urllib.parse import unquote_plus

    replayed = Browser(house)
    replayed.get("/sign-in")
    for fields in ({"answer": unquote_plus(answer)}, {"answer": "{"}, {"answer": "[]"}, {"answer": "[" * 20_000}, {}):
        replayed.get("/sign-in")
        assert replayed.send("/sign-in/passkey", fields) == 401
    replayed.get("/sign-in")
    replayed.send("/sign-in/passkey/options", {})
    assert len(json.loads(replayed.text)["challenge"]) > 40
