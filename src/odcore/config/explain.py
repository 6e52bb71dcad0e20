"""The commented example of a configuration, made from the settings structs themselves."""

import json
import textwrap
import typing
from collections.abc import Mapping
from typing import Any

import msgspec

from odcore.config.load import is_section, sections
from odcore.config.types import Duration, HostPort, SecretFile, Size

_WIDTH = 100


def example(cls: type[msgspec.Struct], given: Mapping[str, object] | None = None) -> str:
    """TOML with every setting, its sentence and its default commented out.

    `given` maps dotted paths to values that stand there uncommented.
    """
    return "\n".join(_table(cls, cls(), "", given or {})).strip() + "\n"


def count(cls: type[msgspec.Struct]) -> int:
    """How many settings there are."""
    return sum(count(kind) if is_section(kind) else 1 for kind in sections(cls).values())


def value_text(value: object) -> str:
    """A setting's value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Size | Duration):
        return json.dumps(value.text)
    if isinstance(value, str | HostPort | SecretFile):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple | list | frozenset):
        return "[" + ", ".join(value_text(each) for each in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {value_text(v)}" for k, v in value.items()) + " }"
    return str(value)


def _table(cls: type[msgspec.Struct], values: msgspec.Struct, prefix: str, given: Mapping[str, object]) -> list[str]:
    hints = typing.get_type_hints(cls, include_extras=True)
    lines: list[str] = []
    tables: list[str] = []
    for name, kind in sections(cls).items():
        value = getattr(values, name)
        if is_section(kind):
            tables += ["", "", *_comment(_sentence(hints[name], kind)), f"[{prefix}{name}]"]
            tables += _table(kind, value, f"{prefix}{name}.", given)
            continue
        lines += ["", *_comment(_sentence(hints[name], None))]
        path = prefix + name
        if value is None and path not in given:
            lines.append(f"#{name} =  # nothing unless set")
            continue
        lines.append(f"{name} = {value_text(given[path])}" if path in given else f"#{name} = {value_text(value)}")
    return lines + tables


def _sentence(hint: Any, section: type | None) -> str:
    for extra in getattr(hint, "__metadata__", ()):
        if isinstance(extra, msgspec.Meta) and extra.description:
            return extra.description
    return (section.__doc__ or "").strip().split("\n")[0] if section else ""


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH)]
