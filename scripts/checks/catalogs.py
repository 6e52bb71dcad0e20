"""Every text of the interface is in every catalog and translated there, and the compiled catalogs are those."""

import gettext
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "src" / "odweb"
CATALOGS = sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
LITERAL = r'"((?:[^"\\]|\\.)*)"'
CODE = re.compile(rf"\b_\(\s*{LITERAL}\s*\)")
TEMPLATE = re.compile(r"{%\s*translate\s+(?:\"([^\"]*)\"|'([^']*)')")
ENTRY = re.compile(rf"^msgid {LITERAL}\n((?:.*\n)*?)(?:\n|\Z)", re.MULTILINE)


def texts() -> set[str]:
    """What the sources say."""
    found: set[str] = set()
    for path in ROOT.rglob("*.py"):
        found |= {plain(text) for text in CODE.findall(path.read_text(encoding="utf-8"))}
    for path in ROOT.rglob("*.html"):
        found |= {one or other for one, other in TEMPLATE.findall(path.read_text(encoding="utf-8"))}
    return found


def plain(text: str) -> str:
    return text.replace('\\"', '"').replace("\\n", "\n")


def faults_of(path: Path, wanted: set[str]) -> list[str]:
    name = path.parent.parent.name
    entries = {plain(text): rest for text, rest in ENTRY.findall(path.read_text(encoding="utf-8")) if text}
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    found = [f"{name}: not in the catalog: {text!r}" for text in sorted(wanted - set(entries))]
    for text, rest in entries.items():
        strings = [plain(each) for each in re.findall(rf"^msgstr(?:\[\d\])? {LITERAL}$", rest, re.MULTILINE)]
        if not all(strings):
            found.append(f"{name}: not translated: {text!r}")
        elif "msgid_plural" not in rest and compiled.gettext(text) != strings[0]:
            found.append(f"{name}: compiled before it was changed: {text!r}")
    return found


def main() -> int:
    wanted = texts()
    found = [fault for path in CATALOGS for fault in faults_of(path, wanted)]
    print("\n".join([*found, "scripts/locale gathers and compiles"] if found else []))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
