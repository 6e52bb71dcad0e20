"""Match types: is what was found what the script looks for?  RFC 5228 2.7.1, RFC 5231"""

import operator
from collections.abc import Callable, Iterable
from typing import Any

from odmail.sieve.comparators import Comparator
from odmail.sieve.glob import MOST, Glob, captured
from odmail.sieve.linear import extended
from odmail.sieve.run import Run
from odmail.sieve.template import Texts

RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
    "ne": operator.ne,
}

Check = Callable[[Run, str], bool]
"""Does a value match one key? Match variables are set."""


class Matcher:
    """A test's keys, prepared."""

    __slots__ = ("_checks", "_comparator", "_keys", "_kind", "_relation")

    def __init__(self, kind: str, relation: str, comparator: Comparator, keys: Texts) -> None:
        """`kind`: is, contains, matches, regex, value, count."""
        self._kind = kind
        self._relation = relation
        self._comparator = comparator
        self._keys = keys
        self._checks = None if keys.constant is None else [self._check(key) for key in keys.constant]

    @property
    def counts(self) -> bool:
        """Is it the number of values that matters?"""
        return self._kind == "count"

    def any(self, run: Run, values: Iterable[str]) -> bool:
        """Does any value match any key?"""
        if self.counts:
            values = (str(sum(1 for _ in values)),)
        checks = self._checks
        if checks is None:
            checks = [self._check(key) for key in self._keys(run)]
        for value in values:
            run.step()
            if any(check(run, value) for check in checks):
                return True
        return False

    def _check(self, key: str) -> Check:
        key_of = self._comparator.key
        if self._kind == "matches":
            return self._matches(key)
        if self._kind == "regex":
            return self._regex(key)
        if self._kind in ("value", "count"):
            relation, order = RELATIONS[self._relation], self._comparator.order
            bound = order(key)
            return lambda run, value: relation(order(value), bound)
        wanted = key_of(key)
        if self._kind == "contains":
            return lambda run, value: wanted in key_of(value)
        return lambda run, value: wanted == key_of(value)

    def _matches(self, key: str) -> Check:
        key_of = self._comparator.key
        glob = Glob(key, key_of)

        def check(run: Run, value: str) -> bool:
            mapped = key_of(value)
            spans = glob.match(mapped)
            if spans is None:
                return False
            run.scope.matches = captured(value if len(value) == len(mapped) else mapped, spans)
            return True

        return check

    def _regex(self, key: str) -> Check:
        key_of = self._comparator.key
        try:
            expression = extended(key, folds=key_of("A") == "a")
        except ValueError:  # made of variables; the others were looked at when the script was put
            return lambda run, value: False

        def check(run: Run, value: str) -> bool:
            found = expression.search(value)
            if found is None:
                return False
            groups = [found.group(number) or "" for number in range(min(MOST, found.re.groups or 0) + 1)]
            run.scope.matches = groups
            return True

        return check
