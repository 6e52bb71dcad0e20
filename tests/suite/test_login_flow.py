"""Login Flow v2 as DAVx5 goes through it: a browser for the person, a password of its own for the app."""

import base64
import http.client
import json
import urllib.parse

import pytest

from odtest.browser import Browser
from odtest.daemon import Daemon

SASMITA = "sasmita.nayak@odisha.example"


def post(house: Daemon, path: str, **fields: str) -> tuple[int, object]:
    connection = http.client.HTTPSConnection("localhost", house.ports["https"], context=house.tls(), timeout=20)
    headers = {"User-Agent": "DAVx5/4.5 (Sasmita's phone)", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", path, urllib.parse.urlencode(fields), headers)
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    return answer.status, told


def begun(house: Daemon) -> tuple[str, str, str]:
    """Where the app asks, with what, and the page it opens."""
    status, told = post(house, "/index.php/login/v2")
    assert status == 200
    base = f"https://mail.odisha.example:{house.ports['https']}"
    assert told["poll"]["endpoint"].startswith(base)
    return told["poll"]["endpoint"].removeprefix(base), told["poll"]["token"], told["login"].removeprefix(base)


def dav(house: Daemon, path: str, login: str, secret: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPSConnection("localhost", house.ports["https"], context=house.tls(), timeout=20)
    word = base64.b64encode(f"{login}:{secret}".encode()).decode()
    connection.request("PROPFIND", path, b"", {"Authorization": f"Basic {word}", "Depth": "0"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_an_app_gets_a_password_once_its_owner_has_let_it_in(house):
    endpoint, token, page = begun(house)
    assert post(house, endpoint, token=token)[0] == 404
    browser = Browser(house)
    assert browser.get(page) == 200
    assert browser.url.startswith("/sign-in")
    browser.send(browser.url, {"login": SASMITA, "password": house.people[SASMITA].password})
    assert browser.url == page
    assert "DAVx5/4.5 (Sasmita&#x27;s phone)" in browser.text
    assert "127.0.0.1" in browser.text
    assert post(house, endpoint, token=token)[0] == 404
    assert browser.send(page, {"name": "My phone"}) == 200
    status, told = post(house, endpoint, token=token)
    assert (status, told["loginName"]) == (200, SASMITA)
    assert post(house, endpoint, token=token)[0] == 404
    moved = dav(house, "/remote.php/dav", SASMITA, told["appPassword"])
    assert (moved.status, moved.headers["Location"]) == (308, "/dav/")
    for path in ("/dav/", "/drive/"):
        assert dav(house, path, SASMITA, told["appPassword"]).status == 207
    browser.get("/me/devices")
    assert "My phone" in browser.text


def test_an_address_opens_the_page_once(house):
    _, _, page = begun(house)
    browser = Browser(house)
    browser.sign_in(SASMITA, house.people[SASMITA].password)
    browser.get(page)
    assert browser.send(page, {"name": "Phone"}) == 200
    assert browser.get(page) == 404
    assert "Start again in the app" in browser.text


@pytest.mark.parametrize("token", ["", "x" * 64])
def test_who_guesses_gets_nothing(house, token):
    endpoint, _, page = begun(house)
    assert post(house, endpoint, token=token)[0] == 404
    browser = Browser(house)
    browser.sign_in(SASMITA, house.people[SASMITA].password)
    assert browser.get(page[:-4] + "AAAA") == 404
    browser.get(page)
    assert browser.send(page, {"name": "", "csrfmiddlewaretoken": "forged"}) == 403


def test_nobody_fills_the_waiting_room(house):
    statuses = [post(house, "/index.php/login/v2")[0] for _ in range(25)]
    assert (statuses[-1], set(statuses)) == (429, {200, 429})
