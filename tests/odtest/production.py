"""An OpenLDAP of somebody's own, set up by the steps of config/ldap/production.md, behind TLS."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from odcore import disk
from odcore.directory import slapd
from odcore.directory.settings import DirectorySettings
from odsuite import certs
from odtest.daemon import free_port, until

FILES = Path(__file__).parents[2] / "config" / "ldap"
BASE = "dc=odisha,dc=example"
DATABASE = "olcDatabase={1}mdb,cn=config"
PASSWORD = "service-of-the-house"

_BEFORE = """\
dn: cn=config
objectClass: olcGlobal
cn: config
olcTLSCACertificateFile: {folder}/tls/ca.pem
olcTLSCertificateFile: {folder}/tls/server.pem
olcTLSCertificateKeyFile: {folder}/tls/server.key

dn: cn=module{0},cn=config
objectClass: olcModuleList
cn: module{0}
olcModulePath: {modules}
olcModuleLoad: back_mdb

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

include: file://{schemas}/core.ldif
include: file://{schemas}/cosine.ldif
include: file://{schemas}/inetorgperson.ldif

dn: olcDatabase={0}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {0}config
olcAccess: {0}to * by dn.exact=gidNumber={group}+uidNumber={user},cn=peercred,cn=external,cn=auth manage by * none

dn: olcDatabase={1}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {1}mdb
olcSuffix: {base}
olcRootDN: cn=root,{base}
olcRootPW: root
olcDbDirectory: {folder}/data
olcDbMaxSize: 1073741824
"""

_INDEXES = """\
objectClass,entryUUID,entryCSN,modifyTimestamp,odmailOfficeId,odmailHolder,odmailBoundary,odmailExpires eq
odmailOwner,odmailOpens,member,roleOccupant,dc,ou,employeeNumber eq
uid,mail,odmailAlternate,cn eq,sub
sn,givenName,displayName,mobile,title sub
"""


class Production:
    """The server. `settings` are what an administrator writes below [directory]."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secure, self.plain = free_port(), free_port()
        self.admin_url = slapd.socket_url(folder)
        certs.ensure(folder / "tls", ["localhost", "127.0.0.1"])
        self.secret = folder / "ldap.password"
        disk.write(self.secret, f"{PASSWORD}\n".encode())

    def settings(self, url: str) -> DirectorySettings:
        return DirectorySettings(**self.given(url))  # type: ignore[arg-type]

    def given(self, url: str) -> dict[str, object]:
        ca = str(self.folder / "tls" / "ca.pem")
        user = f"cn=odmail,ou=services,{BASE}"
        return {"url": url, "ca": ca, "base": BASE, "user": user, "password_file": str(self.secret)}

    @property
    def ldaps(self) -> str:
        return f"ldaps://localhost:{self.secure}"

    @property
    def ldap(self) -> str:
        return f"ldap://localhost:{self.plain}"

    def start(self) -> None:
        for name in ("run", "data", "config"):
            (self.folder / name).mkdir()
        values = {"folder": str(self.folder), "base": BASE, "user": str(os.getuid()), "group": str(os.getgid())}
        values |= {"modules": "/usr/lib/ldap", "schemas": "/etc/ldap/schema"}
        before = self.folder / "before.ldif"
        before.write_text(slapd.fill(_BEFORE, **values))
        config = str(self.folder / "config")
        run("slapadd", "-n", "0", "-F", config, "-l", str(before))
        urls = f"{self.admin_url} {self.ldaps.replace('localhost', '127.0.0.1')} ldap://127.0.0.1:{self.plain}"
        self.process = subprocess.Popen(["/usr/sbin/slapd", "-d", "0", "-h", urls, "-F", config])
        until(slapd.Slapd(self.folder, DirectorySettings()).ready, "slapd listens")
        self.set_up()

    def set_up(self) -> None:
        """The steps of the document."""
        as_admin = ("-Q", "-Y", "EXTERNAL", "-H", self.admin_url)
        run("ldapadd", *as_admin, "-f", str(FILES / "odmail.ldif"))
        module = "argon2 m=19456 t=2 p=1"
        self.change(
            as_admin, "cn=module{0},cn=config", "olcModuleLoad", f"olcModuleLoad: {module}\nolcModuleLoad: syncprov"
        )
        hashing = ("slappasswd", "-o", "module-path=/usr/lib/ldap", "-o", "module-load=argon2", "-h", "{ARGON2}", "-s")
        values = {"base": BASE, "object_class": "domain", "attribute": "dc", "name": "odisha"}
        values |= {"service_hash": run(*hashing, PASSWORD), "nobody_hash": run(*hashing, os.urandom(16).hex())}
        tree = slapd.fill((FILES / "tree.ldif").read_text(), **values)
        run("ldapadd", "-x", "-H", self.admin_url, "-D", f"cn=root,{BASE}", "-w", "root", text=tree)
        access = slapd.fill((FILES / "access.ldif").read_text(), base=BASE)
        bare = "\n".join(line for line in access.splitlines() if not line.startswith("#"))
        self.change(as_admin, DATABASE, "olcAccess", bare)
        limits = f'olcLimits: dn.exact="cn=odmail,ou=services,{BASE}" size=unlimited'
        self.change(as_admin, DATABASE, "olcLimits", limits)
        indexes = "\n".join(f"olcDbIndex: {line}" for line in _INDEXES.splitlines())
        self.change(as_admin, DATABASE, "olcDbIndex", indexes)
        overlay = "objectClass: olcOverlayConfig\nobjectClass: olcSyncProvConfig\nolcOverlay: syncprov\n"
        run("ldapadd", *as_admin, text=f"dn: olcOverlay=syncprov,{DATABASE}\n{overlay}")

    def change(self, how: tuple[str, ...], dn: str, attribute: str, lines: str) -> None:
        run("ldapmodify", *how, text=f"dn: {dn}\nchangetype: modify\nadd: {attribute}\n{lines}\n")


def run(*argv: str, text: str = "") -> str:
    done = subprocess.run(argv, input=text, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, (argv[0], done.stderr, text)
    return done.stdout.strip()


@contextmanager
def running() -> Iterator[Production]:
    """Its folder is short: a Unix socket's path has 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="od", dir=os.environ.get("TMPDIR", "/tmp")))
    server = Production(folder)
    try:
        server.start()
        yield server
    finally:
        server.process.terminate()
        server.process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)
