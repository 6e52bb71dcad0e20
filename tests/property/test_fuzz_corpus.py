"""What `scripts/fuzz` starts from and what it once found keeps holding, and so does what is a little different."""

from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.oracle import in_time

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "fuzz"
SAVED = {folder.name: sorted(folder.iterdir()) for folder in sorted(CORPUS.iterdir())}
TARGETS = {path.stem for path in (CORPUS.parents[1] / "fuzz").glob("*.py")} - {"__init__", "drive", "oracle"}


def test_every_target_has_a_corpus() -> None:
    """Else it is never run."""
    assert set(SAVED) == TARGETS


@pytest.mark.parametrize(
    ("target", "path"), [pytest.param(name, path, id=f"{name}-{path.name}") for name in SAVED for path in SAVED[name]]
)
def test_saved_octets_hold(target: str, path: Path) -> None:
    """Each file's name says what it holds; crash-* were found."""
    in_time(import_module(f"fuzz.{target}").one, path.read_bytes())


@pytest.mark.parametrize("target", SAVED)
def test_octets_like_the_saved_ones_hold(target: str) -> None:
    """Two of them joined at any place, with rubbish between."""
    one = import_module(f"fuzz.{target}").one
    saved = st.sampled_from([path.read_bytes()[:2000] for path in SAVED[target]])

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(saved, saved, st.integers(0, 2000), st.integers(0, 2000), st.binary(max_size=8))
    def mutated(first: bytes, second: bytes, end: int, start: int, between: bytes) -> None:
        in_time(one, first[:end] + between + second[start:])

    mutated()
