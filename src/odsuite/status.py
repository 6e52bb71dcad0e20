"""/healthz and /metrics of a node, on loopback."""

from collections.abc import Callable
from typing import Any

import msgspec
from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from odcore import metrics


class ProcessHealth(msgspec.Struct, frozen=True):
    """One child as /healthz shows it."""

    name: str
    pid: int
    ready: bool
    restarts: int


class Health(msgspec.Struct, frozen=True):
    """200 when `status` is "ok", else 503."""

    status: str
    processes: list[ProcessHealth]


class _Page(Resource):
    isLeaf = True

    def __init__(self, make: Callable[[], tuple[int, bytes, bytes]]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._make = make

    def render_GET(self, request: Request) -> bytes:
        code, kind, body = self._make()
        request.setResponseCode(code)
        request.setHeader(b"content-type", kind)  # type: ignore[no-untyped-call]
        request.setHeader(b"server", b"odmail")  # type: ignore[no-untyped-call]
        return body


def site(health: Callable[[], Health], numbers: Callable[[], bytes]) -> Any:
    """The HTTP server's factory."""

    def healthz() -> tuple[int, bytes, bytes]:
        found = health()
        return (200 if found.status == "ok" else 503), b"application/json", msgspec.json.encode(found) + b"\n"

    def page() -> tuple[int, bytes, bytes]:
        return 200, metrics.CONTENT_TYPE, numbers()

    root = Resource()  # type: ignore[no-untyped-call]
    root.putChild(b"healthz", _Page(healthz))
    root.putChild(b"metrics", _Page(page))
    return Site(root, timeout=30)  # type: ignore[no-untyped-call]
