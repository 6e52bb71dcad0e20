"""Makes `tests/odtest`, what tests share, importable; a running suite for each module that wants one."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent))

from odtest.daemon import Daemon, running

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")  # a busy machine is no failure


@pytest.fixture(scope="module")
def _suite() -> Iterator[Daemon]:
    with running() as daemon:
        yield daemon


@pytest.fixture
def house(_suite: Daemon, request: pytest.FixtureRequest) -> Iterator[Daemon]:
    """A demonstration department with mail. No test may cause a bug's log line, unless it is marked `breaks`."""
    before = len(_suite.log_lines())
    yield _suite
    lines = _suite.log_lines()[before:]
    print(*lines, sep="\n")
    assert request.node.get_closest_marker("breaks") or all(line["level"] != "error" for line in lines)
