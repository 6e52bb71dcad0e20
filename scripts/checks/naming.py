"""Modules and classes bear names of the domain, and each module's first line says what it is."""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

BANNED = re.compile(r"(?i:manager|handler|helper|util|common|misc|processor)s?$|^base$|_base$|[a-z]Base$")


def offenses(path: Path) -> list[str]:
    """One line for each."""
    name = path.relative_to(ROOT)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [f"{name}: a module of this name says nothing"] if BANNED.search(path.stem) else []
    if (
        not (ast.get_docstring(tree) or "").strip()
        or not isinstance(tree.body[0], ast.Expr)
        or tree.body[0].lineno != 1
    ):
        found.append(f"{name}: the first line must say what the module is")
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and BANNED.search(node.name):
            found.append(f"{name}:{node.lineno}: class {node.name}")
    return found


def main() -> int:
    found = [line for path in sorted((ROOT / "src").rglob("*.py")) for line in offenses(path)]
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
