"""The pages as a WSGI application: made once a process, its database and static files brought up to date first."""

import fcntl
from collections.abc import Iterable
from pathlib import Path

from odcore import disk, ids
from odcore.web.mount import App, Environ, StartResponse
from odweb.factors import seal
from odweb.house import House
from odweb.project.configure import configure
from odweb.project.static import collect


def pages(house: House, hosts: list[str]) -> App:
    """Answers under any of `hosts`. Several processes may start at a time: one prepares, the others wait."""
    prepare(house, hosts)
    from django.core.handlers.wsgi import WSGIHandler  # what is imported here wants to be configured first

    from odweb.project.request import Asked
    from odweb.sheets import work

    application = WSGIHandler()
    application.request_class = Asked
    work.resume(house)

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ["odmail.house"] = house
        response: Iterable[bytes] = application(environ, start_response)
        return response

    return answer


def prepare(house: House, hosts: list[str] | None = None) -> None:
    """Before anything else: what belongs to the pages may be imported and called from here on."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    disk.make_folder(house.folder)
    with open(house.folder / "lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not settings.configured:  # or what comes below failed the last time, as on a full disk
            configure(house.folder, _secret(house.folder / "secret"), hosts or [], str(house.collections.zone))
        seal.prepare(house.seal)
        django.setup(set_prefix=False)
        call_command("migrate", verbosity=0, interactive=False)
        collect(house.folder)


def _secret(path: Path) -> str:
    """The key that signs sessions, the same for all processes of the node."""
    if not path.exists():
        disk.write(path, ids.token(48).encode())
    return path.read_text()
