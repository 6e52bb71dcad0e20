"""The CAPABILITY list, which depends on where a session stands.  RFC 9051 7.2.2"""

from collections.abc import Iterable

from odmail.imap.registry import Registry


def announced(registry: Registry, secure: bool, mechanisms: Iterable[str] | None, max_message: int) -> bytes:
    """What the commands declare, without what makes no sense now; `mechanisms` are SASL's, None after sign-in."""
    signed_in = mechanisms is None

    def shown(capability: str) -> Iterable[str]:
        if capability == "STARTTLS":
            return () if secure or signed_in else (capability,)
        if capability == "AUTH=":
            return [f"AUTH={name}" for name in mechanisms or ()] if secure else ()
        return (f"APPENDLIMIT={max_message}",) if capability == "APPENDLIMIT" else (capability,)  # RFC 7889 3

    listed = registry.early + registry.late if signed_in else registry.early
    found = [each for one in listed for each in shown(one)]
    return " ".join(found if secure or signed_in else [*found, "LOGINDISABLED"]).encode("ascii")
