"""Programs nobody here wrote, as Debian ships them: run with a home of their own."""

import os
import re
import subprocess
import textwrap
from collections.abc import Collection
from pathlib import Path


def run(*argv: str, home: Path, text: str = "", codes: Collection[int] = (0,)) -> str:
    """Both outputs; the program must end well."""
    done = subprocess.run(
        argv,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=90,
        check=False,
        env={"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "xterm"},
    )
    assert done.returncode in codes, done.stdout
    return done.stdout


def litmus(url: str, login: str, password: str, home: Path, *suites: str) -> dict[str, str]:
    """What it says of each test of these suites: pass, FAIL, SKIPPED."""
    found: dict[str, str] = {}
    given = ("--htdocs", "/usr/share/litmus/htdocs", url, login, password)
    for each in suites:
        said, name = run(f"/usr/libexec/litmus/{each}", *given, home=home, codes=range(50)), ""
        for line in said.replace("\r", "\n").splitlines():
            name = told[1] if (told := re.match(r" *\d+\. (\w+)\.", line)) else name
            if result := re.search(r"\. (pass|FAIL|SKIPPED)", line):
                found[name] = result[1]
    return found


def secret(path: Path, text: str) -> Path:
    """A file only its owner reads."""
    path.write_text(textwrap.dedent(text))
    path.chmod(0o600)
    return path
