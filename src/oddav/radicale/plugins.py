"""Radicale's auth and rights: the gateway has signed in, the visit says what is there."""

from typing import Any

from radicale.auth import BaseAuth
from radicale.rights import BaseRights

from oddav.radicale.visit import CURRENT


class Auth(BaseAuth):
    """Whom the gateway let in."""

    def get_external_login(self, environ: Any) -> tuple[()] | tuple[str, str]:
        return environ["REMOTE_USER"], ""

    def _login(self, login: str, password: str) -> str:  # noqa: ARG002 - Radicale's signature
        return login


class Rights(BaseRights):
    """All in homes of this visit, nothing elsewhere."""

    def authorization(self, user: str, user_groups: set[str], path: str) -> str:  # noqa: ARG002
        parts = path.strip("/").split("/")
        if not parts[0]:
            return "R"
        if parts[0] not in CURRENT.get().owners:
            return ""
        return "RW" if len(parts) == 1 else "rw"
