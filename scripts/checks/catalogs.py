"""Every text of pages and of mail to people is in every catalog, translated, and compiled as it stands there."""

import ast
import gettext
import re
import sys
from collections.abc import Iterator
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "src"
ROOTS = {"odweb": "django", "odmail": "odmail"}
"""Packages with texts for people, and what their catalogs are called."""
LITERAL = r'"((?:[^"\\]|\\.)*)"'
PLACE = re.compile(r"{\w+}")
TEMPLATE = re.compile(r"{%\s*translate\s+(?:\"([^\"]*)\"|'([^']*)')")
ENTRY = re.compile(rf"^msgid {LITERAL}\n((?:.*\n)*?)(?:\n|\Z)", re.MULTILINE)


def texts(root: Path) -> set[str]:
    """What the sources say."""
    found: set[str] = set()
    for path in root.rglob("*.py"):
        found |= set(marked(ast.parse(path.read_text(encoding="utf-8"))))
    for path in root.rglob("*.html"):
        found |= {one or other for one, other in TEMPLATE.findall(path.read_text(encoding="utf-8"))}
    return found


def marked(tree: ast.AST) -> Iterator[str]:
    """Arguments of `_`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="_"), args=[ast.Constant(value=str(text)), *_]):
                yield text


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
        elif any(set(PLACE.findall(each)) != set(PLACE.findall(text)) for each in strings):
            found.append(f"{name}: other places for values: {text!r}")
        elif "msgid_plural" not in rest and compiled.gettext(text) != strings[0]:
            found.append(f"{name}: compiled before it was changed: {text!r}")
    return found


def main() -> int:
    found: list[str] = []
    for package, name in ROOTS.items():
        wanted = texts(SOURCES / package)
        for path in sorted((SOURCES / package / "locale").glob(f"*/LC_MESSAGES/{name}.po")):
            found += [f"{package}: {fault}" for fault in faults_of(path, wanted)]
    print("\n".join([*found, "scripts/locale gathers and compiles"] if found else []))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
