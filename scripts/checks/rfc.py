"""Every RFC cited in the source is in docs/rfc/index.tsv (number, title), and none there is without a citation."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INDEX = ROOT / "docs" / "rfc" / "index.tsv"
CITED = re.compile(r"\bRFC[ -]?(\d{3,5})")


def main() -> int:
    listed = {line.split("\t")[0] for line in INDEX.read_text(encoding="utf-8").splitlines()[1:]}
    cited: dict[str, str] = {}
    for path in sorted((ROOT / "src").rglob("*.py")):
        for number in CITED.findall(path.read_text(encoding="utf-8")):
            cited.setdefault(number, str(path.relative_to(ROOT)))
    found = [f"{cited[number]}: RFC {number} is not in {INDEX.name}" for number in sorted(set(cited) - listed)]
    found += [f"{INDEX.name}: RFC {number} is cited nowhere" for number in sorted(listed - set(cited))]
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
