"""Radicale's auth and rights: the gateway has signed in, the visit says what is there."""

from typing import Any

from radicale.auth import BaseAuth
from radicale.rights import BaseRights

from odcore.errors import Fault
from oddav.radicale.visit import CURRENT


class Auth(BaseAuth):
    """Whom the gateway let in."""

    def get_external_login(self, environ: Any) -> tuple[()] | tuple[str, str]:
        return environ["REMOTE_USER"], ""

    def _login(self, login: str, password: str) -> str:  # noqa: ARG002 - Radicale's signature
        return login


class Rights(BaseRights):
    """What the visit may read: Radicale writes nothing."""

    def authorization(self, user: str, user_groups: set[str], path: str) -> str:  # noqa: ARG002
        parts = path.strip("/").split("/")
        if len(parts) == 1:
            return "R"
        try:
            CURRENT.get().at(parts[0], parts[1])
        except Fault:
            return ""
        return "r"
