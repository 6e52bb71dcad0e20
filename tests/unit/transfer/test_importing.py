"""Import into a real store: nothing twice, nothing lost, whatever happens in between."""

from collections.abc import Iterator, Set
from pathlib import Path

import pytest

from odcore.errors import Fault, Kind
from odmail.mailbox.api import Append, Fetch
from odmail.mailbox.check import check
from odmail.mailbox.model import Need, SpecialUse
from odmail.mailbox.store import Store
from odmail.transfer.importing import Import, Importer
from odmail.transfer.model import Folder, Letter, Result, Unreadable
from odtest.house import SASMITA, letter


class Silent:
    """Nobody watches."""

    def folder(self, result: Result) -> None: ...

    def moved(self, messages: int, octets: int) -> None: ...


class Box:
    """A source of one folder with `count` letters, two of them equal."""

    name = "box"

    def __init__(self, count: int = 250, name: str = "Old post", **more: object) -> None:
        self.count = count
        self._folder = Folder(name, count, **more)
        self.asked: list[int] = []

    def folders(self) -> list[Folder]:
        return [self._folder]

    def letters(self, folder: Folder, known: Set[str]) -> Iterator[Letter | Unreadable]:
        wanted = [number for number in range(self.count) if str(number) not in known]
        self.asked.append(len(wanted))
        for number in wanted:
            yield Letter(str(number), letter(max(number, 1)), number % 32, ("$Work",), 1_700_000_000 + number)


class Power:
    """An account whose power fails at the n-th append: before it, or right after its commit."""

    def __init__(self, account: object, at: int, after: bool) -> None:
        self._account, self._left, self._after = account, at, after

    def __getattr__(self, name: str) -> object:
        return getattr(self._account, name)

    def append(self, options: Append) -> object:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise KeyboardInterrupt
        done = self._account.append(options)
        if self._left == 0:
            raise KeyboardInterrupt
        return done


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "accounts", lambda _: None)
    yield made
    assert check(made.open(SASMITA.id)) == []
    made.close()


def rows(store: Store, name: str) -> list:
    account = store.open(SASMITA.id)
    box = account.mailbox(name)
    return list(account.fetch(Fetch(box.id, [(1, box.uidnext)], Need.BODY | Need.DATES)))


def test_flags_keywords_dates_and_octets_are_kept(store: Store, tmp_path: Path) -> None:
    [result] = Importer(store.open(SASMITA.id), tmp_path / "imports", Silent()).run(Box(40), Import())
    assert (result.target, result.found, result.done, result.before) == ("Old post", 40, 40, 0)
    found = rows(store, "Old post")
    assert [row.body.read() for row in found] == [letter(max(number, 1)) for number in range(40)]
    assert [row.flags for row in found] == [number % 32 for number in range(40)]
    assert [row.received for row in found] == [1_700_000_000 + number for number in range(40)]
    assert {row.keywords for row in found} == {1 << store.open(SASMITA.id).keywords().index("$Work")}
    assert "Old post" in store.open(SASMITA.id).listed()[1]


@pytest.mark.parametrize("after", [False, True], ids=["before the commit", "after the commit"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_it_goes_on_where_it_was_broken_off_without_duplicates(
    store: Store, tmp_path: Path, at: int, after: bool
) -> None:
    """Equal messages are each brought once."""
    account, source = store.open(SASMITA.id), Box()
    with pytest.raises(KeyboardInterrupt):
        Importer(Power(account, at, after), tmp_path / "imports", Silent()).run(source, Import())
    [result] = Importer(account, tmp_path / "imports", Silent()).run(source, Import())
    assert result.before == min(250, 100 * (at if after else at - 1))
    assert result.before + result.done == 250
    assert [row.body.read() for row in rows(store, "Old post")] == [letter(max(number, 1)) for number in range(250)]
    [again] = Importer(account, tmp_path / "imports", Silent()).run(source, Import())
    assert again.done == 0
    assert source.asked[-1] == 0


def test_a_journal_cut_short_by_a_power_cut_is_read(store: Store, tmp_path: Path) -> None:
    """Its last line counts only when it is whole."""
    importer = Importer(store.open(SASMITA.id), tmp_path / "imports", Silent())
    importer.run(Box(150), Import())
    [journal] = (tmp_path / "imports").iterdir()
    journal.write_bytes(journal.read_bytes()[:-5])
    [result] = importer.run(Box(150), Import())
    assert (result.before, result.done) == (150, 0)
    assert len(rows(store, "Old post")) == 150


def test_a_dry_run_changes_nothing(store: Store, tmp_path: Path) -> None:
    [result] = Importer(store.open(SASMITA.id), tmp_path / "imports", Silent()).run(Box(7), Import(dry_run=True))
    assert (result.found, result.done) == (7, 0)
    with pytest.raises(Fault):
        store.open(SASMITA.id).mailbox("Old post")


def test_what_cannot_be_read_is_named_and_the_rest_comes(store: Store, tmp_path: Path) -> None:
    class Torn(Box):
        def letters(self, folder: Folder, known: Set[str]) -> Iterator[Letter | Unreadable]:
            yield Unreadable("1", "no such file")
            yield from super().letters(folder, known)

    [result] = Importer(store.open(SASMITA.id), tmp_path / "imports", Silent()).run(Torn(3), Import())
    assert (result.done, result.failed) == (3, ["1: no such file"])


def test_more_keywords_than_an_account_has_are_left_out(store: Store, tmp_path: Path) -> None:
    class Wordy(Box):
        def letters(self, folder: Folder, known: Set[str]) -> Iterator[Letter | Unreadable]:
            for number in range(100):
                yield Letter(str(number), letter(number), 0, (f"word{number}",), 1_700_000_000)

    [result] = Importer(store.open(SASMITA.id), tmp_path / "imports", Silent()).run(Wordy(100), Import())
    assert result.done == 100
    assert len(rows(store, "Old post")) == 100


def test_a_full_mailbox_ends_it_and_the_next_run_goes_on(store: Store, tmp_path: Path) -> None:
    account, source = store.open(SASMITA.id), Box()
    store.set_quota(SASMITA.id, 120 * len(letter(1)))
    importer = Importer(account, tmp_path / "imports", Silent())
    with pytest.raises(Fault) as caught:
        importer.run(source, Import())
    assert caught.value.kind is Kind.OVER_QUOTA
    store.set_quota(SASMITA.id, 0)
    [result] = importer.run(source, Import())
    assert (result.before, result.done) == (100, 150)
    assert len(rows(store, "Old post")) == 250


@pytest.mark.parametrize(
    ("name", "use", "into", "target"),
    [
        ("inbox", None, "", "INBOX"),
        ("Sent Items", None, "", "Sent"),
        ("ପଠାଯାଇଥିବା ମେଲ୍", None, "", "Sent"),
        ("Verschickt", SpecialUse.SENT, "", "Sent"),
        ("Kunden/Sent", None, "", "Kunden/Sent"),
        ("ଖୋର୍ଦ୍ଧା/ଚିଠି", None, "", "ଖୋର୍ଦ୍ଧା/ଚିଠି"),
        ("Sent Items", None, "Old system", "Old system/Sent Items"),
        ("odd\x01name//", None, "", "odd_name/_/_"),
    ],
)
def test_where_a_folder_goes(
    store: Store, tmp_path: Path, name: str, use: SpecialUse | None, into: str, target: str
) -> None:
    """By special use, by known names in three languages, else by its own name."""
    source = Box(2, name, special_use=use)
    [result] = Importer(store.open(SASMITA.id), tmp_path / "imports", Silent()).run(source, Import(into=into))
    assert result.target == target
    assert store.open(SASMITA.id).mailbox(target).exists == 2
