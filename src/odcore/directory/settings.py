"""What the directory part cannot know by itself."""

from typing import Annotated

from msgspec import Meta, Struct


class DirectorySettings(Struct, frozen=True, kw_only=True):
    """Where the LDAP directory is. With an empty `url` the suite runs one of its own."""

    url: Annotated[
        str,
        Meta(description="LDAP URLs of your OpenLDAP, best first, separated by spaces; empty: a private slapd."),
    ] = ""
    starttls: Annotated[bool, Meta(description="Begin TLS on ldap:// connections before anything is said.")] = True
    ca: Annotated[str, Meta(description="File with the CA certificates to trust; empty: those of the system.")] = ""
    base: Annotated[str, Meta(description="DN below which all entries of odmail live.")] = "o=odmail"
    user: Annotated[
        str, Meta(description="DN of the service account; empty: cn=odmail,ou=services below the base.")
    ] = ""
    password_file: Annotated[
        str, Meta(description="File with the service account's password; empty: directory/service.password.")
    ] = ""
    connections: Annotated[int, Meta(description="Connections to the directory for each process.", ge=1, le=64)] = 8
    port: Annotated[
        int, Meta(description="Loopback port of the private slapd for other tools; 0: only its socket.", ge=0, le=65535)
    ] = 0
