"""The cache of lookups."""

import pytest

from odcore.directory.cache import Cache
from odcore.errors import Fault, Kind


def test_answers_are_kept_until_something_changes() -> None:
    asked: list[int] = []
    cache = Cache()
    for _ in range(2):
        assert cache.get("q", lambda: asked.append(1) or "a") == "a"
    cache.drop()
    cache.get("q", lambda: asked.append(1) or "a")
    assert len(asked) == 2


def test_not_found_is_kept_and_outage_is_not() -> None:
    """P15: an unreachable directory must not be remembered as an answer."""
    cache = Cache()

    def fail(kind: Kind) -> str:
        raise Fault(kind, "x")

    for kind, again in ((Kind.NOT_FOUND, Kind.NOT_FOUND), (Kind.TRY_LATER, None)):
        with pytest.raises(Fault):
            cache.get(kind, lambda kind=kind: fail(kind))
        if again:
            with pytest.raises(Fault):
                cache.get(kind, lambda: "found")
        else:
            assert cache.get(kind, lambda: "found") == "found"


def test_answer_asked_before_a_change_is_not_kept() -> None:
    """The lookup that was under way may have seen the old state."""
    cache = Cache()

    def slow() -> str:
        cache.drop()
        return "old"

    assert cache.get("q", slow) == "old"
    assert cache.get("q", lambda: "new") == "new"


def test_cache_is_bounded_and_ages() -> None:
    cache = Cache(life=-1, most=2)
    for n in range(5):
        cache.get(n, lambda n=n: n)
    assert len(cache._answers) == 2
    assert cache.get(4, lambda: "fresh") == "fresh"
