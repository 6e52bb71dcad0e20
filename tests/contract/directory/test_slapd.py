"""The private slapd: its data, its access rules, its absence."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from odcore.directory import confinement, slapd
from odcore.directory.ops.person import AddPerson, add_person
from odcore.errors import Fault, Kind
from odcore.identity.api import Credentials
from odcore.identity.signin import LdapSignIn
from odtest.slapd import House

PASSWORD = "nilachala-2026"


def test_second_start_finds_the_same_data(fresh: House) -> None:
    """Ids, entries and the service password survive; the configuration is made anew."""
    before, password = fresh.directory.person("sasmita.nayak"), fresh.password
    fresh.stop()
    fresh.start()
    assert fresh.another().person("sasmita.nayak") == before
    assert fresh.password == password


def test_first_start_cut_short_is_begun_again(fresh: House) -> None:
    """Without the password file the data is nobody's: it is made anew."""
    fresh.stop()
    fresh.slapd.password_file.unlink()
    fresh.start()
    assert fresh.another().people() == []


def apparmor(folder: Path, monkeypatch: pytest.MonkeyPatch, *profiles: str, enabled: str = "Y") -> None:
    """A machine with these files below /etc/apparmor.d."""
    (folder / "enabled").write_text(enabled + "\n")
    for name in profiles:
        path = folder / "apparmor.d" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setattr(confinement, "_ENABLED", folder / "enabled")
    monkeypatch.setattr(confinement, "_PROFILES", folder / "apparmor.d")


def test_where_a_profile_would_confine_slapd_to_other_folders_a_copy_of_it_runs(
    fresh: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Profiles hold by path. Both for loading the first data and for serving; again while the old copy still runs."""
    apparmor(tmp_path, monkeypatch, "usr.sbin.slapd")
    fresh.slapd.prepare()
    fresh.stop()
    shutil.rmtree(fresh.slapd.folder / "data")
    fresh.slapd.password_file.unlink()
    fresh.start()
    assert fresh.process is not None
    assert os.readlink(f"/proc/{fresh.process.pid}/exe") == str(fresh.slapd.folder / "run" / "slapd")
    assert fresh.another().people() == []


@pytest.mark.parametrize(
    ("profiles", "enabled"),
    [
        ((), "Y"),
        (("usr.sbin.slapd",), "N"),
        (("usr.sbin.slapd", "disable/usr.sbin.slapd"), "Y"),
        (("usr.bin.man",), "Y"),
    ],
)
def test_where_none_does_the_systems_own_slapd_runs(
    profiles: tuple[str, ...], enabled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No profile, a disabled one, or no AppArmor at all."""
    apparmor(tmp_path, monkeypatch, *profiles, enabled=enabled)
    assert confinement.free_program("/usr/sbin/slapd", tmp_path) == "/usr/sbin/slapd"


def test_where_the_data_folder_runs_no_programs_the_systems_own_slapd_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mounted noexec: then the profile needs a line of the administrator's (docs/ops/install.md)."""
    apparmor(tmp_path, monkeypatch, "usr.sbin.slapd")
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    assert confinement.free_program("/usr/sbin/slapd", tmp_path) == "/usr/sbin/slapd"


def test_secrets_are_for_their_owner_only(house: House) -> None:
    """P29: 0600 and 0700."""
    assert os.stat(house.slapd.password_file).st_mode & 0o777 == 0o600
    for name in ("", "data", "run", "config"):
        assert os.stat(house.slapd.folder / name).st_mode & 0o777 == 0o700


def test_nobody_reads_hashes(house: House) -> None:
    """Neither the service account, nor a person their own, nor by comparing or filtering."""
    service = house.tool("ldapsearch", "-LLL", "-b", "o=odmail", "(objectClass=*)", "*", "+")
    assert "uid: sasmita.nayak" in service.stdout
    assert "userPassword" not in service.stdout
    assert "ARGON2" not in service.stdout
    filtered = house.tool("ldapsearch", "-LLL", "-b", "o=odmail", "(userPassword=*)", "dn")
    assert "dn:" not in filtered.stdout


def test_anonymous_reads_nothing(house: House) -> None:
    """Not even what there is."""
    for base, scope in (("o=odmail", "sub"), ("", "base"), ("cn=Subschema", "base"), ("cn=config", "sub")):
        argv = ["ldapsearch", "-x", "-LLL", "-H", house.slapd.url, "-b", base, "-s", scope, "*", "+"]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
        assert "dn:" not in done.stdout.replace("dn:\n", "") or "dn: " not in done.stdout, done.stdout


def test_people_read_their_own_entry_only(house: House) -> None:
    """A person who binds sees themselves and can change nothing."""
    dn = house.directory.person("sasmita.nayak").dn
    bind = ["-x", "-H", house.slapd.url, "-D", dn, "-w", PASSWORD]
    own = subprocess.run(["ldapsearch", "-LLL", *bind, "-b", dn], capture_output=True, text=True, timeout=20)
    assert "uid: sasmita.nayak" in own.stdout
    assert "userPassword" not in own.stdout
    other = house.directory.person("bibhu.das").dn
    others = subprocess.run(["ldapsearch", "-LLL", *bind, "-b", other], capture_output=True, text=True, timeout=20)
    assert "uid:" not in others.stdout
    change = f"dn: {dn}\nchangetype: modify\nreplace: odmailQuota\nodmailQuota: 0\n"
    done = subprocess.run(["ldapmodify", *bind], input=change, capture_output=True, text=True, timeout=20)
    assert done.returncode == 50


def test_outage_says_try_later_and_ends_by_itself(fresh: House, signing: Callable[..., LdapSignIn]) -> None:
    """P15: never "wrong password" nor "no such user"; sessions go on; afterwards all is as before."""
    sign_in = signing(fresh)
    offered = Credentials("sasmita.nayak", PASSWORD, "imap", "192.0.2.7")
    principal = sign_in.sign_in(offered)
    fresh.stop()
    fresh.directory.changed(frozenset({principal.person.id}))
    for call in (
        lambda: sign_in.sign_in(offered),
        lambda: fresh.directory.resolve("sasmita.nayak@odisha.example"),
        lambda: fresh.directory.resolve("no.such@odisha.example"),
        lambda: add_person(fresh.admin, AddPerson(uid="x", family_name="x")),
    ):
        begun = time.monotonic()
        with pytest.raises(Fault) as caught:
            call()
        assert caught.value.kind is Kind.TRY_LATER
        assert time.monotonic() - begun < 2
    assert sign_in.still_valid(principal)
    fresh.start()
    deadline = time.monotonic() + 10
    while not _recovered(fresh):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert sign_in.sign_in(offered).person.id == principal.person.id


def _recovered(house: House) -> bool:
    """The line rests for a second after a failed connect."""
    try:
        return bool(house.directory.people())
    except Fault as fault:
        if fault.kind is not Kind.TRY_LATER:
            raise
        return False


def test_restart_between_two_questions_is_not_noticed(fresh: House) -> None:
    """A connection that died while idle is replaced, not reported."""
    assert fresh.directory.people()
    fresh.stop()
    fresh.start()
    assert fresh.directory.people()


def test_missing_slapd_says_what_to_install(monkeypatch: pytest.MonkeyPatch, house: House) -> None:
    """One line that can be acted on."""
    monkeypatch.setattr(slapd.shutil, "which", lambda name: None)
    monkeypatch.setattr(slapd, "_PROGRAMS", ("/nonexistent/slapd",))
    with pytest.raises(Fault) as caught:
        house.slapd.prepare()
    assert "apt install slapd" in caught.value.text
