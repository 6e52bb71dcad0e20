"""Searches in one's own address books find what the filter says, whether the index is asked or each card."""

import pytest

from oddav.radicale import cards
from oddav.search import index
from odtest.calendars import Office

NAMES = ("Sasmita Nayak", "ସସ୍ମିତା ନାୟକ", "STRASSE Ode", "Zoë Ray", "Ⅳ Battalion", "Ab", "nobody")
SPACES = 'xmlns:D="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav"'


def card(at, name, more=""):
    return (
        f"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:{at}\r\nFN:{name}\r\nitem1.EMAIL;TYPE=work:c{at}@x\r\n"
        f"item1.X-ABLABEL:Office\r\n{more}END:VCARD\r\n"
    )


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    one = Office(tmp_path_factory.mktemp("office"))
    for at, name in enumerate(NAMES):
        assert put(one, at, name, "NOTE:afterword\r\n" if name == "nobody" else "").status == 201
    yield one
    one.close()


def put(office, at, name, more=""):
    return office.ask("anna", "PUT", f"contacts/{at}.vcf", card(at, name, more), content_type="text/vcard")


def found(office, match, name="FN", test="anyof", more=""):
    body = (
        f'<CR:addressbook-query {SPACES}><D:prop><D:getetag/></D:prop><CR:filter test="{test}"><CR:prop-filter '
        f'name="{name}">{match}</CR:prop-filter>{more}</CR:filter></CR:addressbook-query>'
    )
    told = office.ask("anna", "REPORT", "contacts/", body, depth="1", content_type="text/xml")
    assert told.status == 207
    return {at for at in range(20) if f"contacts/{at}.vcf" in told.octets.decode()}


def text(value, **attributes):
    given = "".join(f' {name.replace("_", "-")}="{each}"' for name, each in attributes.items())
    return f"<CR:text-match{given}>{value}</CR:text-match>"


SEARCHES = [
    (text("ସ୍ମି"), "FN", {1}),
    (text("smita"), "FN", {0}),
    (text("NAYAK", collation="i;ascii-casemap"), "FN", {0}),
    (text("NAYAK", collation="i;octet"), "FN", set()),
    (text("straße"), "FN", {2}),
    (text("zoe"), "FN", {3}),
    (text("zoë", collation="i;octet"), "FN", set()),
    (text("iv bat"), "FN", {4}),
    (text("ab"), "FN", {5}),
    (text("b", match_type="ends-with"), "FN", {5}),
    (text("rd"), "NOTE", {6}),
    (text("a", negate_condition="yes"), "FN", {1, 6}),
    (text("c3@x", match_type="equals"), "EMAIL", {3}),
    (text("qqq"), "FN", set()),
    ("<CR:is-not-defined/>", "NOTE", {0, 1, 2, 3, 4, 5}),
    ('<CR:param-filter name="TYPE"><CR:text-match>home</CR:text-match></CR:param-filter>', "EMAIL", set()),
]


@pytest.mark.parametrize("few", [0, 100])
@pytest.mark.parametrize(("match", "name", "wanted"), SEARCHES)
def test_a_search_finds_what_its_filter_says(office, monkeypatch, few, match, name, wanted):
    monkeypatch.setattr(index, "_FEW", few)
    assert found(office, match, name) == wanted


def test_both_parts_of_a_filter_or_one_of_them(office, monkeypatch):
    monkeypatch.setattr(index, "_FEW", 0)
    more = f'<CR:prop-filter name="EMAIL">{text("c0@")}</CR:prop-filter>'
    assert found(office, text("ode"), more=more) == {0, 2}
    assert found(office, text("ode"), more=more, test="allof") == set()


def test_the_index_is_asked_for_cards_as_they_are_now(tmp_path, monkeypatch):
    monkeypatch.setattr(index, "_FEW", 0)
    office = Office(tmp_path)
    for at in range(3):
        put(office, at, f"Mohanty {at}")
    assert found(office, text("mohanty")) == {0, 1, 2}
    put(office, 0, "Behera")
    office.ask("anna", "DELETE", "contacts/1.vcf")
    put(office, 3, "Mohanty 3", "NOTE:moved to Puri\r\nPHOTO:data:image/png;base64,mohanty\r\n")
    assert found(office, text("mohanty")) == {2, 3}
    assert found(office, text("puri"), "NOTE") == {3}
    (tmp_path / office.ids["anna"][:2] / office.ids["anna"] / "cards.sqlite").stat()
    office.close()


def test_only_candidates_are_read(office, monkeypatch):
    monkeypatch.setattr(index, "_FEW", 0)
    found(office, text("sasmita"))
    read, fits = [], cards.fits
    monkeypatch.setattr(cards, "fits", lambda *given: read.append(given) or fits(*given))
    assert found(office, text("sasmita")) == {0}
    assert len(read) == 1
