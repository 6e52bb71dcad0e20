"""docs/api/openapi.json is what the API makes of itself; `--write` writes it anew."""

import json
import os
import sys
from pathlib import Path

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "api" / "openapi.json"


def schema() -> str:
    """As /api/v1/openapi.json answers it."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "odweb.project.tools"
    import django

    django.setup(set_prefix=False)
    from odweb.api.urls import api

    return json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), indent=1, ensure_ascii=False, default=str) + "\n"


def main() -> None:
    made = schema()
    if "--write" in sys.argv:
        SCHEMA.parent.mkdir(exist_ok=True)
        SCHEMA.write_text(made, encoding="utf-8")
    elif not SCHEMA.exists() or SCHEMA.read_text(encoding="utf-8") != made:
        sys.exit("docs/api/openapi.json is not what the API is: scripts/checks/openapi.py --write")


if __name__ == "__main__":
    main()
