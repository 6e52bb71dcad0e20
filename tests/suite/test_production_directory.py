"""With an OpenLDAP of one's own, by URL over LDAPS or StartTLS, set up as config/ldap/production.md says."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from odcore.directory.connection import Link
from odcore.directory.ldap import LdapDirectory
from odcore.errors import Fault, Kind
from odtest.daemon import running as suite
from odtest.daemon import until
from odtest.production import BASE, FILES, PASSWORD, Production, run
from odtest.production import running as openldap

SASMITA = "sasmita.nayak@odisha.example"
BIBHUTI = "bibhuti.das@odisha.example"
COLLECTOR = "collector.khordha@odisha.example"


@pytest.fixture(scope="module")
def server() -> Iterator[Production]:
    with openldap() as server:
        yield server


def directory(server: Production, url: str, **more: object) -> LdapDirectory:
    settings = msgspec.structs.replace(server.settings(url), **more)
    return LdapDirectory(Link(settings, Path("/nonexistent")))


def test_the_whole_suite_works_on_it(server: Production):
    given = {f"directory.{name}": value for name, value in server.given(f"ldaps://localhost:1 {server.ldaps}").items()}
    with suite(**given) as house:
        assert [each["name"] for each in house.health()["processes"] if each["name"] == "directory"] == []
        assert house.awaited(BIBHUTI, house.send(SASMITA, BIBHUTI))
        assert house.awaited(SASMITA, house.send(BIBHUTI, COLLECTOR), "Posts/collector.khordha/INBOX")
        written = house.odmail("device-password", "add", "bibhuti.das", "--name", "Laptop")
        house.imap(BIBHUTI, written.rpartition("password:")[2].strip()).logout()
        house.odmail("post", "handover", "collector.khordha", "--to", "bibhuti.das", "--order", "GA-2/2026")
        until(lambda: "Posts/collector.khordha" in str(house.imap(BIBHUTI).list()), "the new holder sees the post")
        assert "BAD" not in house.odmail("doctor")
        assert not (house.folder / "directory" / "data").exists()


def test_ldap_begins_with_starttls(server: Production):
    assert directory(server, server.ldap).domains() is not None


def test_a_server_whose_certificate_is_of_nobody_we_believe_is_not_spoken_to(server: Production):
    for url in (server.ldaps, server.ldap):
        with pytest.raises(Fault) as caught:
            directory(server, url, ca="").domains()
        assert caught.value.kind is Kind.TRY_LATER


def test_a_server_whose_certificate_is_for_another_name_is_not_spoken_to(server: Production):
    with pytest.raises(Fault) as caught:
        directory(server, f"ldaps://127.0.0.2:{server.secure}").domains()
    assert caught.value.kind is Kind.TRY_LATER


def test_nobody_reads_a_hash_and_anonymous_reads_nothing(server: Production):
    user = f"cn=odmail,ou=services,{BASE}"
    seen = run("ldapsearch", "-x", "-LLL", "-H", server.admin_url, "-D", user, "-w", PASSWORD, "-b", BASE, "*", "+")
    assert "cn=odmail" in seen
    assert "ARGON2" not in seen
    assert "userPassword" not in seen


def test_a_newer_schema_loads_while_entries_use_the_older(server: Production):
    newer = (FILES / "odmail.ldif").read_text()
    lines = newer.splitlines()
    types = [line for line in lines if line.startswith("olcAttributeTypes")]
    classes = [line for line in lines if line.startswith("olcObjectClasses")]
    types.append(
        "olcAttributeTypes: ( odmailAttribute:999 NAME 'odmailOfTomorrow' SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )"
    )
    as_admin = ("-Q", "-Y", "EXTERNAL", "-H", server.admin_url)
    found = run("ldapsearch", "-LLL", *as_admin, "-b", "cn=schema,cn=config", "(cn={*}odmail)", "dn")
    change = ["changetype: modify", "replace: olcAttributeTypes", *types, "-", "replace: olcObjectClasses", *classes]
    run("ldapmodify", *as_admin, text="\n".join([found, *change]) + "\n")
    assert "odmailOfTomorrow" in run("ldapsearch", "-LLL", *as_admin, "-b", "cn=schema,cn=config", "(cn={*}odmail)")
    assert directory(server, server.ldaps).people() is not None
