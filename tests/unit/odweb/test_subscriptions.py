"""People subscribe to calendars from outside in a page, from the places that are allowed."""

import re
from datetime import UTC
from types import SimpleNamespace

import msgspec
import pytest

from odcore.directory.model import AccountKind, AccountRef, Person
from odcore.identity.api import Principal
from odcore.ids import AccountId
from oddav.feeds.settings import SubscriptionSettings
from oddav.feeds.subscribing import Subscribing
from oddav.scheduling.pending import Pending
from oddav.store.ops import feeds
from oddav.store.store import Store
from odtest.pages import Kept, Town

ANNA = Person(AccountId("11111111-1111-1111-1111-111111111111"), "", "anna", "Anna", ("anna@x",))


class Page:
    """As Anna's browser sees it."""

    def __init__(self, folder, hosts):
        self.store, self.trail = Store(folder, 4, UTC), []
        self.house = msgspec.structs.replace(
            Kept(Town(ANNA)).house,
            access=SimpleNamespace(posts=lambda _: ()),
            trail=SimpleNamespace(record=lambda event, *_, **__: self.trail.append(event)),
            collections=self.store,
            subscribing=Subscribing(SubscriptionSettings(hosts), Pending(folder / "subscribers")),
        )

    def ask(self, view, **fields):
        from django.contrib.messages.storage.cookie import CookieStorage
        from django.test import RequestFactory, override_settings

        from odweb.project.request import Asked

        made = (RequestFactory().post if fields else RequestFactory().get)("/me/subscriptions", fields)
        request = Asked(made.environ | {"odmail.house": self.house, "wsgi.input": made.environ["wsgi.input"]})
        request.principal = Principal(ANNA, AccountRef(ANNA.id, AccountKind.PERSON, "anna@x", "Anna"))
        request._messages = CookieStorage(request)
        request.session = {}
        plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
        with override_settings(STORAGES=plain):
            answer = view(request)
        return answer.status_code, answer.content.decode()

    def feeds(self):
        return [(each.name, each.source) for each in self.store.open(ANNA.id, ()).read(feeds.feeds)]


@pytest.fixture
def page(tmp_path):
    made = Page(tmp_path, ("feed.example",))
    yield made
    made.store.close()


def test_a_person_subscribes_sees_it_and_ends_it(page):
    from odweb.subscriptions import views

    assert "Nothing yet." in page.ask(views.overview)[1]
    status, _ = page.ask(views.overview, url=" webcal://feed.example/a.ics", title="Cricket & more")
    assert status == 302
    ((name, source),) = page.feeds()
    assert source == "https://feed.example/a.ics"
    status, text = page.ask(views.overview)
    assert (status, "Cricket &amp; more" in text, "not fetched yet" in text) == (200, True, True)
    assert re.search(rf'name="name" value="{name}"', text)
    assert page.ask(views.end, name="calendar")[0] == 302  # no subscription: it stays
    assert page.ask(views.end, name=name)[0] == 302
    assert page.feeds() == []
    assert page.trail == ["calendar-subscribed", "calendar-unsubscribed"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://other.example/a.ics", "cannot be shown here"),
        ("https://127.0.0.1/a.ics", "cannot be shown here"),
        ("ftp://feed.example/a.ics", "no address of a calendar"),
        ("", "required"),
    ],
)
def test_it_says_what_cannot_be_subscribed_to(page, url, said):
    from odweb.subscriptions import views

    status, text = page.ask(views.overview, url=url, title="x")
    assert (status, said in text, page.feeds()) == (400, True, [])


def test_where_no_place_is_allowed_there_is_no_form(tmp_path):
    from odweb.subscriptions import views

    page = Page(tmp_path, ())
    assert "No calendars from outside are allowed" in page.ask(views.overview)[1]
    page.store.close()
