"""odcore.directory.parsed: a record is taken apart once, and anew when it was asked for anew."""

from odcore.directory import parsed
from odcore.directory.parsed import Parsed
from odcore.directory.record import Record


def record(name, dn="uid=a"):
    return Record(dn, {"cn": [name]})


def test_the_same_record_is_taken_apart_once_and_another_of_the_same_name_anew():
    seen = []
    people = Parsed(lambda each: seen.append(each) or each.text("cn"))
    first, second = record(b"old"), record(b"new")
    assert [people.of(each) for each in (first, first, second, second)] == ["old", "old", "new", "new"]
    assert [id(each) for each in seen] == [id(first), id(second)]


def test_no_more_are_kept_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(parsed, "_MOST", 2)
    seen = []
    people = Parsed(lambda each: seen.append(each.dn) or each.dn)
    many = [record(b"x", f"uid={number}") for number in range(3)]
    for each in (*many, many[0]):
        assert people.of(each) == each.dn
    assert seen == ["uid=0", "uid=1", "uid=2", "uid=0"]
