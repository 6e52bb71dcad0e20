"""The example configuration is the one the settings make, each setting has its sentence, and there are under 120.

`scripts/checks/settings.py --write` writes it.
"""

import sys
import typing
from pathlib import Path

import msgspec

from odcore.config.explain import count, example
from odcore.config.load import is_section, sections
from odsuite.settings import Settings

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "odmail.example.toml"
MOST = 120
HEAD = (
    "# All settings of odmail with their defaults. Made by scripts/checks/settings.py --write; not edited by hand.\n\n"
)


def silent(cls: type[msgspec.Struct], prefix: str = "") -> list[str]:
    """Settings without a sentence."""
    hints = typing.get_type_hints(cls, include_extras=True)
    found: list[str] = []
    for name, kind in sections(cls).items():
        if is_section(kind):
            found += silent(kind, f"{prefix}{name}.")
        elif not any(isinstance(each, msgspec.Meta) for each in getattr(hints[name], "__metadata__", ())):
            found.append(f"{prefix}{name}: no sentence says what it does")
    return found


def main() -> int:
    text = HEAD + example(Settings)
    if "--write" in sys.argv:
        EXAMPLE.write_text(text, encoding="utf-8")
    found = silent(Settings)
    if not EXAMPLE.exists() or EXAMPLE.read_text(encoding="utf-8") != text:
        found.append(f"{EXAMPLE.name} is not what the settings make: scripts/checks/settings.py --write")
    if count(Settings) >= MOST:
        found.append(f"{count(Settings)} settings; under {MOST} is the promise")
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
