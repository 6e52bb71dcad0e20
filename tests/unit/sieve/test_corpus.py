"""Every example of the Sieve standards, and what else was worth writing down, does what its file says."""

from pathlib import Path

import pytest

from odtest.sieve import Case, cases

FILES = sorted((Path(__file__).parents[2] / "corpus" / "sieve").glob("*.case"))
CASES = [(path.stem, case) for path in FILES for case in cases(path)]


@pytest.mark.parametrize(("file", "case"), CASES, ids=lambda value: value.name if isinstance(value, Case) else value)
def test_case(file: str, case: Case) -> None:
    """The case's expectations hold."""
    case.check()
