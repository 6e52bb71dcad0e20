"""Files over 400 lines and functions over 60 fail, unless `sizes.txt` lists them; that list may only shrink."""

import ast
import sys
from pathlib import Path

MOST_LINES = 400
MOST_FUNCTION = 60

ROOT = Path(__file__).resolve().parents[2]
LISTED = set((Path(__file__).with_name("sizes.txt")).read_text().split())


def offenses(path: Path) -> list[str]:
    """One line for each."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT)
    found = [f"{name}: {text.count(chr(10))} lines"] if text.count("\n") > MOST_LINES else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MOST_FUNCTION:
                found.append(f"{name}:{node.lineno}: {node.name} has {length} lines")
    return found


def main() -> int:
    paths = [path for folder in ("src", "tests", "scripts") for path in sorted((ROOT / folder).rglob("*.py"))]
    found = [line for path in paths if str(path.relative_to(ROOT)) not in LISTED for line in offenses(path)]
    stale = [name for name in sorted(LISTED) if not (ROOT / name).exists() or not offenses(ROOT / name)]
    found += [f"scripts/checks/sizes.txt: {name} need not be listed" for name in stale]
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
