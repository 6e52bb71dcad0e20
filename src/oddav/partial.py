"""The components and properties of an object that somebody asked for.  RFC 4791 9.6.1, RFC 6352 10.4.2"""

from collections.abc import Mapping

import msgspec

from oddav.content import Component, Line, line


class Wanted(msgspec.Struct, frozen=True):
    """Of one component. None is all."""

    properties: Mapping[str, bool] | None = None  # by name; whether their value is left out
    components: Mapping[str, "Wanted"] | None = None


def partial(component: Component, wanted: Wanted) -> Component:
    """That much of it, in its order."""
    lines, inner = component.lines, component.inner
    if wanted.properties is not None:
        asked = wanted.properties
        lines = [_without_value(each) if asked[each.name] else each for each in lines if each.name in asked]
    if wanted.components is not None:
        inner = [partial(each, wanted.components[each.name]) for each in inner if each.name in wanted.components]
    return Component(component.name, lines, inner)


def _without_value(told: Line) -> Line:
    return line(told.text[: len(told.text) - len(told.value)])
