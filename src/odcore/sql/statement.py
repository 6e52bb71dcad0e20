"""Statements written once with SQLAlchemy Core and compiled to text when a module is imported.

What runs later is text with named parameters: nothing of SQLAlchemy is on the hot path.

A statement that concerns many rows is one call, not one for each: each call lets go of the interpreter's lock and has
to win it back from the other threads.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec
from sqlalchemy import Column, ColumnElement, Table, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.expression import ClauseElement

_DIALECT = sqlite.dialect(paramstyle="named")

_encode = msgspec.json.Encoder().encode


def statement(clause: ClauseElement) -> str:
    """The text of `clause`, its parameters as `:name`; plain numbers in it (LIMIT's OFFSET 0) are written out."""
    compiled = clause.compile(dialect=_DIALECT)
    text = str(compiled)
    for name, value in (compiled.params or {}).items():
        if value is None:
            continue
        if not isinstance(value, int):
            raise TypeError(f"a value in a statement must be a parameter: {value!r}")
        text = re.sub(rf":{name}\b", str(value), text)
    return text


def among(column: "Column[int] | Column[str]", name: str) -> ColumnElement[bool]:
    """`column` is one of the values that the parameter `name`, made by `values`, holds."""
    return column.in_(text(f"SELECT value FROM json_each(:{name})"))  # noqa: S608 - names from our own code


def values(each: Iterable[int] | Iterable[str]) -> str:
    """For `among`."""
    return _encode(list(each)).decode()


@lru_cache(512)
def insertion(table: Table, columns: Sequence[str], rows: int) -> str:
    """An INSERT of so many rows at once; bindings are all values one after the other."""
    marks = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES {', '.join([marks] * rows)}"  # noqa: S608
