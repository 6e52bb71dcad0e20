"""Statements written once with SQLAlchemy Core and compiled to text when a module is imported.

What runs later is text with named parameters: nothing of SQLAlchemy is on the hot path.
"""

import re

from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.expression import ClauseElement

_DIALECT = sqlite.dialect(paramstyle="named")


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
