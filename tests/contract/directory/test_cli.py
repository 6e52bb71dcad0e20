"""The commands about the directory, as an administrator types them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from odcore.errors import Fault, Kind
from odsuite.cli.main import cli
from odtest.slapd import House

Run = Callable[..., Result]


@pytest.fixture
def odmail(house: House, tmp_path: Path) -> Run:
    """Runs `odmail ...` against the shared slapd; an expected failure comes back as its Fault."""
    (tmp_path / "data").mkdir()
    config = tmp_path / "odmail.toml"
    config.write_text(
        f'data = "data"\n[directory]\nurl = "{house.slapd.url}"\npassword_file = "{house.slapd.password_file}"\n'
    )

    def run(*arguments: str, text: str = "") -> Result:
        house.directory.changed(frozenset())
        return CliRunner().invoke(cli, ["--config", str(config), *arguments], input=text)

    return run


def test_a_person_from_cradle_to_grave(odmail: Run) -> None:
    """add, show, edit, password, disable, enable, list, delete; and the trail tells it all, in the actor's name."""
    made = odmail("person", "add", "cli.person", "--family-name", "Rao", "--name-in", "or=ରାଓ", "--quota", "2 GiB")
    assert made.exit_code == 0, made.output
    assert (
        odmail("person", "edit", "cli.person", "--title", "Clerk", "--expires", "2099-01-01T00:00+05:30").exit_code == 0
    )
    shown = json.loads(odmail("person", "show", "cli.person@odisha.example", "--json").stdout)
    assert (shown["names"], shown["quota"], shown["title"]) == ({"or": "ରାଓ"}, 2 << 30, "Clerk")
    assert shown["expires"] == "2098-12-31T18:30:00Z"
    assert odmail("person", "password", "cli.person", "--stdin", text="from-a-file-1\n").exit_code == 0
    assert len(odmail("person", "password", "cli.person", "--generate").stdout.strip()) == 19
    assert odmail("person", "disable", "cli.person").exit_code == 0
    assert json.loads(odmail("person", "list", "ରାଓ", "--json").stdout)[0]["state"] == "disabled"
    assert odmail("person", "enable", "cli.person").exit_code == 0
    assert odmail("person", "delete", "cli.person", text="n\n").exit_code == 1
    assert odmail("person", "delete", "cli.person", "--yes").exit_code == 0
    rows = json.loads(odmail("audit", "list", "--json").stdout)
    assert [row["event"].removeprefix("person-") for row in rows] == [
        *("added", "edited", "password-set", "password-set", "disabled", "enabled", "deleted")
    ]
    assert all(row["actor"].startswith("cli:") for row in rows)
    assert "from-a-file-1" not in json.dumps(rows)
    assert "7 rows, all sound" in odmail("audit", "verify").stdout


def test_a_post_is_handed_over(odmail: Run) -> None:
    """Orders and dates are told, a device password is made for the holder only and can be revoked."""
    for uid in ("cli.first", "cli.second"):
        assert odmail("person", "add", uid, "--family-name", "x").exit_code == 0
    assert odmail("post", "add", "cli.post", "--title", "Tahasildar", "--office", "khordha").exit_code == 0
    assert odmail("post", "handover", "cli.post", "--to", "cli.first", "--order", "GA-1").exit_code == 0
    future = ("--order", "GA-2", "--at", "2099-04-01T10:00+05:30")
    assert odmail("post", "handover", "cli.post", "--to", "cli.second", *future).exit_code == 0
    charges = json.loads(odmail("post", "holders", "cli.post", "--json").stdout)
    assert [(charge["order"], charge["end"]) for charge in charges] == [
        ("GA-1", "2099-04-01T04:30:00Z"),
        ("GA-2", None),
    ]
    assert json.loads(odmail("post", "show", "cli.post", "--json").stdout)["holders"] == ["cli.first"]
    refused = odmail("device-password", "add", "cli.second", "--post", "cli.post")
    assert isinstance(refused.exception, Fault)
    assert refused.exception.kind is Kind.DENIED
    made = odmail("device-password", "add", "cli.first", "--post", "cli.post", "--name", "Laptop")
    assert "sign in as: cli.post@odisha.example" in made.stdout
    [device] = json.loads(odmail("device-password", "list", "cli.first", "--json").stdout)
    assert (device["name"], device["scopes"]) == ("Laptop", ["mail"])
    assert odmail("device-password", "revoke", "cli.first", device["id"]).exit_code == 0
    assert json.loads(odmail("device-password", "list", "cli.first", "--json").stdout) == []


def test_a_room_is_a_post_that_answers_by_itself(odmail: Run) -> None:
    """Made with how far ahead it may be booked; what people hold is no room."""
    assert odmail("room", "add", "cli.hall", "--name", "Hall 2", "--days", "90", "--office", "khordha").exit_code == 0
    assert odmail("room", "add", "cli.car", "--name", "Car", "--resource").exit_code == 0
    assert odmail("room", "edit", "cli.hall", "--days", "60").exit_code == 0
    rooms = json.loads(odmail("room", "list", "cli.", "--json").stdout)
    assert [(each["cn"], each["calendar_user"], each["booking_days"]) for each in rooms] == [
        ("cli.car", "RESOURCE", 0),
        ("cli.hall", "ROOM", 60),
    ]
    assert "cli.hall" not in odmail("directory", "check").stdout
    assert odmail("post", "add", "cli.chair", "--title", "Chair").exit_code == 0
    refused = odmail("room", "delete", "cli.chair", "--yes")
    assert isinstance(refused.exception, Fault)
    assert refused.exception.kind is Kind.NOT_FOUND
    assert odmail("room", "delete", "cli.car", "--yes").exit_code == 0


def test_other_entries(odmail: Run, tmp_path: Path) -> None:
    """Offices, lists, aliases, domains; out to a file and in again."""
    for words in (
        ("office", "add", "cli.office", "--name", "Office", "--parent", "khordha"),
        ("office", "edit", "cli.office", "--parent", ""),
        ("group", "add", "cli.group", "--member", "bibhu.das", "--member", "x@elsewhere.example"),
        ("group", "edit", "cli.group", "--leave", "bibhu.das"),
        ("alias", "add", "cli.alias@odisha.example", "--to", "cli.group@odisha.example"),
        ("alias", "edit", "cli.alias@odisha.example", "--to", "bibhu.das@odisha.example"),
        ("domain", "add", "cli.example"),
        ("directory", "export", str(tmp_path / "out.ldif")),
        ("alias", "delete", "cli.alias@odisha.example", "--yes"),
        ("group", "delete", "cli.group", "--yes"),
        ("domain", "delete", "cli.example", "--yes"),
        ("directory", "import", str(tmp_path / "out.ldif")),
    ):
        done = odmail(*words)
        assert done.exit_code == 0, (words, done.output, done.exception)
    for noun in ("office", "group", "alias", "domain", "person", "post"):
        assert odmail(noun, "list").exit_code == 0
    assert json.loads(odmail("group", "show", "cli.group", "--json").stdout)["outside"] == ["x@elsewhere.example"]
    assert json.loads(odmail("alias", "show", "cli.alias@odisha.example", "--json").stdout)["targets"] == [
        "bibhu.das@odisha.example"
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("person", "add", "x"),
        ("person", "edit", "bibhu.das", "--expires", "tomorrow"),
        ("person", "edit", "bibhu.das", "--quota", "much"),
        ("person", "edit", "bibhu.das", "--name-in", "ସସ୍ମିତା"),
        ("post", "handover", "collector.khordha", "--to", "bibhu.das"),
        ("device-password", "add", "bibhu.das", "--scope", "everything"),
    ],
)
def test_misuse_is_told(odmail: Run, words: tuple[str, ...]) -> None:
    """Exit code 2 and a sentence, nothing done."""
    done = odmail(*words)
    assert done.exit_code == 2
    assert "Error" in done.output


def test_a_sheet_is_checked_applied_and_undone(odmail: Run, house: House, tmp_path: Path) -> None:
    sheet, mended = tmp_path / "staff.csv", tmp_path / "mended.xlsx"
    sheet.write_text("Name,HRMS ID,Mobile\nNilu Sethi,CLI-1,9437999901\nMiti Sethi,CLI-2,9.44E9\n")
    found = json.loads(odmail("bulk", "check", str(sheet), "--office", "khordha", "--json").stdout)
    assert [each["verdict"] for each in found] == ["ok", "mend"]
    shown = odmail("bulk", "check", str(sheet), "--office", "khordha", "--write", str(mended))
    assert "1 ok, 1 mend, 0 exists, 0 refused" in shown.stdout
    assert mended.read_bytes()[:2] == b"PK"
    assert "1 created, 1 left as they were." in odmail("bulk", "apply", str(sheet), "--office", "khordha").stdout
    assert house.directory.person("nilu.sethi").mobile == "+919437999901"
    again = odmail("bulk", "apply", str(sheet), "--office", "khordha", "--json")
    assert json.loads(again.stdout)["made"] == ["nilu.sethi"]
    assert "1 deleted, 0 kept." in odmail("bulk", "undo", str(sheet), "--yes").stdout
    assert isinstance(odmail("bulk", "undo", str(sheet), "--yes").exception, Fault)
