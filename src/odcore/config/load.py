"""Settings from a TOML file into structs: every error names the file and the setting's path."""

import difflib
import re
import tomllib
import typing
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from odcore.config.types import PARSED
from odcore.errors import Fault, Kind

Settings = TypeVar("Settings", bound=msgspec.Struct)

_AT = re.compile(r"^(?P<text>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)


def load(path: Path, cls: type[Settings]) -> Settings:
    """Read `path`. Faults: NOT_FOUND, BAD_REQUEST."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Fault(Kind.NOT_FOUND, f"{path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Fault(Kind.BAD_REQUEST, f"{path}: {error}") from error
    return convert(table, cls, str(path))


def convert(table: dict[str, Any], cls: type[Settings], origin: str) -> Settings:
    """Check `table` against `cls`; `origin` opens each error."""
    _refuse_unknown(table, cls, origin, "")
    try:
        return msgspec.convert(table, cls, dec_hook=_parse)
    except msgspec.ValidationError as error:
        match = _AT.match(str(error))
        text, at = (match["text"], match["path"]) if match else (str(error), None)
        raise Fault(Kind.BAD_REQUEST, f"{origin}: {at or 'top level'}: {text}") from error


def sections(cls: type[msgspec.Struct]) -> dict[str, Any]:
    """Fields of a settings struct with their annotations, in order, without `Annotated`."""
    hints = typing.get_type_hints(cls)
    return {field.encode_name: hints[field.name] for field in msgspec.structs.fields(cls)}


def is_section(kind: object) -> typing.TypeGuard[type[msgspec.Struct]]:
    """Is this annotation a table of its own?"""
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _parse(kind: type, value: object) -> object:
    for parsed in PARSED:
        if kind is parsed:
            return parsed.parse(value)
    raise NotImplementedError(f"no setting may be a {kind!r}")


def _refuse_unknown(table: dict[str, Any], cls: type[msgspec.Struct], origin: str, prefix: str) -> None:
    known = sections(cls)
    for key, value in table.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean {prefix}{near[0]}?" if near else ""
            raise Fault(Kind.BAD_REQUEST, f"{origin}: {prefix}{key}: no such setting{hint}")
        if is_section(known[key]) and isinstance(value, dict):
            _refuse_unknown(value, known[key], origin, f"{prefix}{key}.")
