"""Settings as a module, for tools that want one: mypy, `makemigrations`, `makemessages`."""

from pathlib import Path

from odweb.project.configure import values

globals().update(values(Path("var") / "web", "tools sign nothing", ["localhost"], "Asia/Kolkata"))
