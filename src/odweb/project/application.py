"""The pages as a WSGI application: made once a process, its database and static files brought up to date first."""

import fcntl
import os
from collections.abc import Iterable
from pathlib import Path

from odcore import disk, ids
from odcore.web.mount import App, Environ, StartResponse
from odweb.house import House
from odweb.project.configure import configure


def pages(house: House, hosts: list[str]) -> App:
    """Answers under any of `hosts`. Several processes may start at a time: one prepares, the others wait."""
    import django  # what is imported here wants to be configured first
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.management import call_command

    disk.make_folder(house.folder)
    with open(house.folder / "lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        configure(house.folder, _secret(house.folder / "secret"), hosts)
        django.setup(set_prefix=False)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)

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


def static_files(folder: Path) -> App:
    """Scripts, styles and pictures, under names that hold their digest: a browser asks once and keeps them."""
    from whitenoise import WhiteNoise

    files: App = WhiteNoise(_nothing, root=str(folder / "static"), immutable_file_test=_has_digest, max_age=3600)
    return files


def _secret(path: Path) -> str:
    """The key that signs sessions, the same for all processes of the node."""
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(ids.token(48))
    return path.read_text()


def _has_digest(_path: str, url: str) -> bool:
    name = url.rpartition("/")[2].split(".")
    return len(name) > 2 and len(name[-2]) == 12


def _nothing(_environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"There is nothing here.\n"]
