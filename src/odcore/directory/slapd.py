"""The private slapd: its configuration, its first data and the command that runs it.

The configuration (cn=config) is written anew at every start, so that a new version's schema and access rules
apply at once; the data is made once and never touched again.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from odcore import disk, ids
from odcore.directory.confinement import free_program
from odcore.directory.filters import first_rdn
from odcore.directory.settings import DirectorySettings
from odcore.errors import Fault, Kind
from odcore.identity.passwords import hash_password, unusable

ARGON2 = "m=19456 t=2 p=1"
"""Cost of a hash made by slapd itself; `odcore.identity.passwords` uses the same."""

_PROGRAMS = ("/usr/sbin/slapd", "/usr/lib/openldap/slapd", "/usr/libexec/slapd", "/usr/local/libexec/slapd")
_MODULES = ("/usr/lib/ldap", "/usr/lib64/openldap", "/usr/lib/openldap", "/usr/local/libexec/openldap")
_SCHEMAS = ("/etc/ldap/schema", "/etc/openldap/schema", "/usr/local/etc/openldap/schema")
_LONGEST_SOCKET = 107  # sun_path of Linux, without its NUL


class Slapd:
    """A slapd of our own below `folder`: `config`, `data`, `run`, `service.password`."""

    def __init__(self, folder: Path, settings: DirectorySettings) -> None:
        self.folder = folder.absolute()
        self._settings = settings
        self._program = ""

    @property
    def socket(self) -> Path:
        """The Unix socket it listens on."""
        return self.folder / "run" / "ldapi"

    @property
    def url(self) -> str:
        """How the suite reaches it."""
        return socket_url(self.folder)

    @property
    def password_file(self) -> Path:
        """The service account's generated password."""
        return self.folder / "service.password"

    def prepare(self) -> None:
        """Write the configuration and, the first time, the empty tree. Not while it runs."""
        if len(os.fsencode(self.socket)) > _LONGEST_SOCKET:
            raise Fault(Kind.BAD_REQUEST, f"The path {self.socket} is too long for a Unix socket.")
        for name in ("", "data", "run"):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        program = self._program = free_program(_program(), self.folder / "run")
        self._configure(program)
        if not self.password_file.exists():
            self._seed(program)

    def argv(self) -> list[str]:
        """The command that runs it in the foreground, as whoever runs the suite. After `prepare`."""
        listen = self.url
        if self._settings.port:
            listen += f" ldap://127.0.0.1:{self._settings.port}"
        return [self._program, "-d", "0", "-h", listen, "-F", str(self.folder / "config")]

    def ready(self) -> bool:
        """Does it take connections?"""
        probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with probe:
            probe.settimeout(1.0)
            try:
                probe.connect(str(self.socket))
            except OSError:
                return False
            return True

    def _configure(self, program: str) -> None:
        """Build the new configuration aside and swap it in whole."""
        new, config = self.folder / "config.new", self.folder / "config"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        disk.write(new / "odmail.ldif", schema_ldif(read("odmail.schema")).encode())
        base = self._settings.base
        text = fill(
            read("slapd.ldif"),
            access=fill(_bare(read("access.ldif")), base=base),
            folder=str(self.folder),
            modules=_first(_MODULES, "back_mdb.so", "slapd"),
            schemas=_first(_SCHEMAS, "inetorgperson.ldif", "slapd"),
            argon2=ARGON2,
            base=base,
        )
        disk.write(new / "config.ldif", text.encode())
        (new / "tree").mkdir(mode=0o700)
        _load(program, new / "tree", 0, new / "config.ldif")
        shutil.rmtree(config, ignore_errors=True)
        (new / "tree").rename(config)
        shutil.rmtree(new)

    def _seed(self, program: str) -> None:
        """Load the empty tree. The password file is written last: it says that the data is complete."""
        for leftover in (self.folder / "data").iterdir():
            leftover.unlink()  # of a first start that was cut short; nobody can have signed in to it
        password = ids.token(24)
        seed = self.folder / "seed.ldif"
        disk.write(seed, tree_ldif(self._settings.base, password).encode())
        try:
            _load(program, self.folder / "config", 1, seed)
        finally:
            seed.unlink()
        disk.sync_tree(self.folder / "data")
        disk.write(self.password_file, f"{password}\n".encode())


def socket_url(folder: Path) -> str:
    """The ldapi URL of the private slapd that lives in `folder`."""
    return "ldapi://" + quote(str(folder.absolute() / "run" / "ldapi"), safe="")


def read(name: str) -> str:
    """One of the files in `odcore/directory/schema`."""
    return resources.files("odcore.directory.schema").joinpath(name).read_text("utf-8")


def fill(text: str, **values: str) -> str:
    """Replace each `{name}`."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def tree_ldif(base: str, password: str) -> str:
    """The empty tree with a service account that has this password."""
    attribute, name = first_rdn(base)
    object_class = {"dc": "domain", "ou": "organizationalUnit"}.get(attribute, "organization")
    return fill(
        read("tree.ldif"),
        base=base,
        object_class=object_class,
        attribute=attribute,
        name=name,
        service_hash=hash_password(password),
        nobody_hash=unusable(),
    )


def schema_ldif(schema: str) -> str:
    """The slapd.conf form of a schema as an entry of cn=config."""
    words = {"objectidentifier": "olcObjectIdentifier", "attributetype": "olcAttributeTypes"}
    words["objectclass"] = "olcObjectClasses"
    lines = ["dn: cn=odmail,cn=schema,cn=config", "objectClass: olcSchemaConfig", "cn: odmail"]
    for definition in _definitions(schema):
        word, _, rest = definition.partition(" ")
        lines.append(f"{words[word]}: {rest}")
    return "\n".join(lines) + "\n"


def _definitions(schema: str) -> Iterator[str]:
    """Each definition on one line; continuation lines begin with a space."""
    current = ""
    for line in schema.splitlines():
        if line.startswith((" ", "\t")):
            current += " " + line.strip()
            continue
        if current:
            yield current
        current = "" if line.startswith("#") else line.strip()
    if current:
        yield current


def _bare(ldif: str) -> str:
    return "\n".join(line for line in ldif.splitlines() if line and not line.startswith("#"))


def _program() -> str:
    program = shutil.which("slapd") or next((path for path in _PROGRAMS if os.access(path, os.X_OK)), None)
    if program is None:
        raise Fault(Kind.UNSUPPORTED, "OpenLDAP's slapd is missing: apt install slapd slapd-contrib")
    return program


def _first(folders: tuple[str, ...], file: str, package: str) -> str:
    for folder in folders:
        if (Path(folder) / file).exists():
            return folder
    raise Fault(Kind.UNSUPPORTED, f"OpenLDAP's file {file} is missing: apt install {package} slapd-contrib")


def _load(program: str, config: Path, database: int, ldif: Path) -> None:
    """Slapadd: the same program under another name."""
    argv = [program, "-T", "add", "-n", str(database), "-F", str(config), "-l", str(ldif)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own files
    if done.returncode:
        raise Fault(Kind.INTERNAL, "slapadd failed: " + " ".join(done.stderr.split())[-400:])
