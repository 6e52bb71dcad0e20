"""The directory book: found by what people type, as each may see it, in step with the directory, never copied."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from odcore import clock
from odcore.directory.ops.group import AddGroup, EditGroup, add_group, edit_group
from odcore.directory.ops.office import AddOffice, EditOffice, add_office, edit_office
from odcore.directory.ops.person import AddPerson, EditPerson, add_person, edit_person, set_photo
from odcore.directory.ops.post import EditPost, edit_post
from odcore.directory.ops.removal import delete
from odtest.book import PATH, Library, holds, query
from odtest.department import populate
from odtest.portrait import portrait
from odtest.slapd import House, running

ME = "bibhu.das"


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with running() as house:
        populate(house)
        yield made(house, tmp_path_factory.mktemp("book"))


@pytest.fixture
def library(department: Library) -> Library:
    """The shared one: a test leaves it as it was."""
    department.house.sent.clear()
    return department


def made(house: House, folder: Path) -> Library:
    admin = house.admin
    add_office(admin, AddOffice(ou="booked", name="Office of Records", parent="khordha"))
    person = add_person(
        admin,
        AddPerson(
            uid="kedar.sethi",
            given_name="Kedar",
            family_name="Sethi",
            names={"or": "କେଦାର ସେଠୀ"},
            title="Archivist",
            office="booked",
            telephone="0674-239 1234",
            mobile="9437012345",
            home_phone="0674-2555555",
        ),
    )
    set_photo(admin, person, portrait())
    edit_post(admin, admin.directory.post("collector.khordha"), EditPost(telephone="06755-220001"))
    add_group(admin, AddGroup(cn="inner.circle", name="Inner Circle", members=("kedar.sethi",), senders="members"))
    library = Library(house, folder)
    library.follower.step()
    return library


def follow(library: Library) -> None:
    """What the bus would have told, and then a step."""
    library.follower.note(id_ for message in library.house.sent for id_ in message.ids)
    library.house.sent.clear()
    library.follower.step()


@pytest.mark.parametrize(
    ("name", "text", "how"),
    [
        ("FN", "edar", "contains"),
        ("FN", "KEDAR", "starts-with"),
        ("FN", "ଦାର", "contains"),
        ("FN", "କେଦାର\u200c ସେ\u200dଠୀ", "equals"),
        ("NICKNAME", "ସେଠୀ", "contains"),
        ("FN", "କେ", "starts-with"),
        ("N", "sethi;kedar", "starts-with"),
        ("EMAIL", "dar.sethi@", "contains"),
        ("TEL", "(0674) 2391", "contains"),
        ("ORG", "of records", "ends-with"),
        ("ORG", "Collectorate", "starts-with"),
        ("TITLE", "rchiv", "contains"),
    ],
)
def test_a_person_is_found_by_any_part_in_any_script(library: Library, name: str, text: str, how: str):
    assert "Kedar Sethi" in library.names(ME, name, text, how)


def test_nobody_is_found_by_what_is_not_there(library: Library):
    for name, text in (("FN", "khordhq"), ("TEL", "khordha"), ("NOTE", "Kedar"), ("UID", "urn:uuid:x")):
        assert "Kedar Sethi" not in library.names(ME, name, text)


def test_conditions_are_joined_as_the_filter_says(library: Library):
    two = holds("FN", "kedar") + holds("EMAIL", "nowhere")
    assert [card for card in library.found(ME, two) if "FN" in card and "Kedar" in card]
    answer = library.ask(ME, "REPORT", body=query(two).replace("<CR:filter>", '<CR:filter test="allof">'))
    assert "Kedar" not in answer.text
    texts = "".join(f"<CR:text-match>{each}</CR:text-match>" for each in ("ke", "sethi"))
    inner = f'<CR:prop-filter name="FN" test="allof">{texts}</CR:prop-filter>'
    assert len(library.found(ME, inner)) == 1


def test_a_card_has_what_everybody_may_know(library: Library):
    [four] = library.found(ME, holds("FN", "Kedar"))
    [three] = library.found(ME, holds("FN", "Kedar"), "3.0")
    for card in (four, three):
        assert "ORG:Collectorate;Office of Records" in card
        assert "TEL;TYPE=work,voice:0674-239 1234" in card
        assert "9437012345" not in card
        assert "2555555" not in card
        assert "PHOTO" in card
    assert "FN;ALTID=1;LANGUAGE=or:କେଦାର ସେଠୀ" in four
    assert "NICKNAME:କେଦାର ସେଠୀ" in three


def test_private_numbers_are_for_their_owner_and_for_directory_numbers(library: Library):
    by_number = holds("TEL", "94370123")
    assert library.found(ME, by_number) == []
    assert "TEL;TYPE=home,voice:0674-2555555" in library.found("kedar.sethi", holds("FN", "Kedar"))[0]
    group = add_group(library.house.admin, AddGroup(cn="directory.numbers", members=("collector.khordha",)))
    try:
        assert "9437012345" in library.found("sasmita.nayak", by_number)[0], "who holds the post sees them"
        assert library.found(ME, by_number) == []
    finally:
        delete(library.house.admin, group)


def test_a_post_names_its_holder_and_a_list_its_members(library: Library):
    [post] = library.found(ME, holds("FN", "Collector, Khordha"))
    assert "NOTE:Held by Sasmita Nayak" in post
    assert "TEL;TYPE=work,voice:06755-220001" in post
    sasmita = library.house.directory.person("sasmita.nayak").id
    [listed] = library.found(ME, holds("FN", "officers"))
    assert "KIND:group" in listed
    assert f"MEMBER:urn:uuid:{sasmita}" in listed
    assert "MEMBER:mailto:far@away.example" in listed
    [older] = library.found(ME, holds("FN", "officers"), "3.0")
    assert f"X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:{sasmita}" in older


def test_a_list_of_members_alone_is_shown_to_them_alone(library: Library):
    assert library.names(ME, "FN", "inner") == set()
    assert library.names("kedar.sethi", "FN", "inner") == {"Inner Circle"}
    id_ = library.house.directory.group("inner.circle").id
    assert library.ask(ME, "GET", f"{PATH}{id_}.vcf").status == 404


def test_one_card_is_fetched_in_either_version_with_a_tag_of_its_own(library: Library):
    path = f"{PATH}{library.house.directory.person('kedar.sethi').id}.vcf"
    three, four = library.ask(ME, "GET", path), library.ask(ME, "GET", path, accept="text/vcard;version=4.0")
    assert "VERSION:3.0" in three.text
    assert "VERSION:4.0" in four.text
    assert three.headers["ETag"] != four.headers["ETag"]
    assert library.ask(ME, "GET", path, if_none_match=three.headers["ETag"]).status == 304
    body = (
        '<CR:addressbook-multiget xmlns:D="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav"><D:prop><D:getetag/>'
        f"<CR:address-data/></D:prop><D:href>/dav{path}</D:href><D:href>/dav{PATH}nobody.vcf</D:href>"
        "</CR:addressbook-multiget>"
    )
    answer = library.ask(ME, "REPORT", body=body)
    assert three.headers["ETag"] in answer.text.replace("&quot;", '"')
    assert "<D:href>/dav/directory/people/nobody.vcf</D:href><D:status>HTTP/1.1 404" in answer.text


def test_it_is_announced_and_cannot_be_copied_nor_written(library: Library):
    me = library.house.directory.person(ME).id
    asked = '<D:propfind xmlns:D="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav"><D:prop>{}</D:prop></D:propfind>'
    home = library.ask(ME, "PROPFIND", f"/{me}/", asked.format("<CR:directory-gateway/>"))
    assert "<CR:directory-gateway><D:href>/dav/directory/people/</D:href></CR:directory-gateway>" in home.text
    assert "directory" not in library.ask(ME, "PROPFIND", f"/{me}/", asked.format("<D:resourcetype/>"), depth="1").text
    deep = library.ask(ME, "PROPFIND", PATH, asked.format("<D:resourcetype/>"), depth="1")
    assert "507 Insufficient Storage" in deep.text
    assert "number-of-matches-within-limits" in deep.text
    assert ".vcf" not in deep.text
    sync = '<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:prop><D:getetag/></D:prop></D:sync-collection>'
    assert library.ask(ME, "REPORT", body=sync).status == 403
    assert library.ask(ME, "GET").status == 403
    for method in ("PUT", "DELETE", "PROPPATCH", "MKCOL"):
        answer = library.ask(ME, method, f"{PATH}x.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:x\r\nEND:VCARD\r\n")
        assert answer.status == 403, method
        assert "need-privileges" in answer.text


def test_more_than_is_told_is_said(library: Library):
    limit = "<CR:limit><CR:nresults>1</CR:nresults></CR:limit>"
    answer = library.ask(ME, "REPORT", body=query(holds("EMAIL", "odisha"), more=limit))
    assert answer.text.count("BEGIN:VCARD") == 1
    assert "507 Insufficient Storage" in answer.text


def test_who_searches_without_end_is_told_to_wait_and_others_are_not(library: Library, tmp_path: Path):
    other = Library(library.house, tmp_path)
    other.follower.step()
    answers = [other.ask(ME, "REPORT", body=query(holds("FN", "zzqq"))) for _ in range(200)]
    assert {each.status for each in answers[:120]} == {207}
    refused = next(each for each in answers if each.status != 207)
    assert refused.status == 429
    assert refused.headers["Retry-After"]
    assert other.ask("kedar.sethi", "REPORT", body=query(holds("FN", "zzqq"))).status == 207


def test_changes_of_any_kind_are_followed(library: Library):
    admin, directory = library.house.admin, library.house.directory
    add_person(admin, AddPerson(uid="late.comer", given_name="Late", family_name="Comer", office="booked"))
    follow(library)
    assert library.names(ME, "FN", "late com") == {"Late Comer"}
    edit_person(admin, directory.person("late.comer"), EditPerson(name="Renamed Comer"))
    edit_office(admin, directory.office("booked"), EditOffice(name="Office of Archives"))
    follow(library)
    assert library.names(ME, "ORG", "archives") == {"Kedar Sethi", "Renamed Comer"}
    edit_office(admin, directory.office("booked"), EditOffice(name="Office of Records"))
    for change in (EditPerson(unlisted=True), EditPerson(unlisted=False, expires="20200101000000Z")):
        edit_person(admin, directory.person("late.comer"), change)
        follow(library)
        assert library.names(ME, "FN", "comer") == set()
        edit_person(admin, directory.person("late.comer"), EditPerson(unlisted=False, expires=""))
        follow(library)
        assert library.names(ME, "FN", "comer") == {"Renamed Comer"}
    delete(admin, directory.person("late.comer"))
    follow(library)
    assert library.names(ME, "FN", "comer") == set()


def test_a_list_is_hidden_and_shown_again(library: Library):
    admin, directory = library.house.admin, library.house.directory
    add_group(admin, AddGroup(cn="quiet.list", name="Quiet Listing", members=("kedar.sethi",), unlisted=True))
    for unlisted, names in ((None, set()), (False, {"Quiet Listing"}), (True, set())):
        edit_group(admin, directory.group("quiet.list"), EditGroup(unlisted=unlisted))
        follow(library)
        assert library.names(ME, "FN", "quiet listing") == names
        assert directory.group("quiet.list").unlisted == (not names)


def test_what_no_hint_told_is_found_by_stamps_and_by_comparing(library: Library, monkeypatch: pytest.MonkeyPatch):
    admin, directory = library.house.admin, library.house.directory
    add_person(admin, AddPerson(uid="un.heard", given_name="Un", family_name="Heard"))
    library.house.sent.clear()
    library.follower.step()
    assert library.names(ME, "FN", "un heard") == {"Un Heard"}
    delete(admin, directory.person("un.heard"))
    library.house.sent.clear()
    later = clock.monotonic() + 7 * 3600
    monkeypatch.setattr(clock, "monotonic", lambda: later)
    library.follower.step()
    assert library.names(ME, "FN", "un heard") == set()


def test_it_says_try_later_while_it_is_made(library: Library, tmp_path: Path):
    answer = Library(library.house, tmp_path).ask(ME, "REPORT", body=query(holds("FN", "kedar")))
    assert answer.status == 503
    assert answer.headers["Retry-After"]


def test_groups_change_with_their_members(library: Library):
    admin, directory = library.house.admin, library.house.directory
    edit_group(admin, directory.group("inner.circle"), EditGroup(join=(ME,)))
    try:
        assert library.names(ME, "FN", "inner") == {"Inner Circle"}
    finally:
        edit_group(admin, directory.group("inner.circle"), EditGroup(leave=(ME,)))


@pytest.mark.parametrize(
    ("version", "kind", "member"),
    [("3.0", "X-ADDRESSBOOKSERVER-KIND", "X-ADDRESSBOOKSERVER-MEMBER"), ("4.0", "KIND", "MEMBER")],
)
def test_groups_of_ones_own_book_come_back_as_they_came_and_are_found_as_groups(library, version, kind, member):
    book = f"/{library.house.directory.person(ME).id}/contacts/"
    card = f"BEGIN:VCARD\r\nVERSION:{version}\r\nUID:{{}}\r\nFN:Friends\r\n{{}}END:VCARD\r\n"
    group = card.format("g" + version, f"{kind}:group\r\n{member}:urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af\r\n")
    assert library.ask(ME, "PUT", f"{book}g{version}.vcf", group).status in (201, 204)
    assert library.ask(ME, "PUT", f"{book}c.vcf", card.format("c", "")).status in (201, 204)
    assert library.ask(ME, "GET", f"{book}g{version}.vcf").text == group
    told = library.ask(ME, "REPORT", book, query(holds(kind, "group", "equals"))).text
    assert f"g{version}.vcf" in told
    assert "c.vcf" not in told
    others = f'<CR:prop-filter name="{kind}"><CR:is-not-defined/></CR:prop-filter>'
    assert f"g{version}.vcf" not in library.ask(ME, "REPORT", book, query(others)).text
