"""One command or test of a script, its arguments bound to what it declared."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from odmail.sieve.comparators import BUILT_IN, COMPARATORS, DEFAULT, Comparator
from odmail.sieve.declare import Question, TagOf, Takes, Verb
from odmail.sieve.linear import extended
from odmail.sieve.matching import RELATIONS, Matcher
from odmail.sieve.model import Argument, Command, Number, Place, ScriptError, String, Strings, Tag, Test
from odmail.sieve.run import Condition, Step
from odmail.sieve.template import Text, Texts

if TYPE_CHECKING:
    from odmail.sieve.compiler import Compiler

AddressPart = Callable[[str], str | None]
"""The part of an address that is compared; None when the address has none."""

_PARTS: dict[str, AddressPart] = {
    "all": lambda address: address,
    "localpart": lambda address: address.rpartition("@")[0] if "@" in address else address,
    "domain": lambda address: address.rpartition("@")[2] if "@" in address else None,
}


class Use:
    """What `compile` functions read."""

    def __init__(self, compiler: "Compiler", node: Command | Test, declared: Verb | Question) -> None:
        self.compiler = compiler
        self.node = node
        self.declared = declared
        self.given: dict[str, Argument | None] = {}
        self.positional: tuple[Argument, ...] = ()

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.node.place

    def has(self, tag: str) -> bool:
        """Was the tag given?"""
        return tag in self.given

    def text(self, index: int) -> Text:
        """The string at a position."""
        argument = self.positional[index]
        assert isinstance(argument, String)
        return self.compiler.text(argument)

    def texts(self, index: int) -> Texts:
        """The string list at a position."""
        return self._texts(self.positional[index])

    def literal(self, index: int) -> str:
        """The string at a position, which must be there without variables."""
        found = self.text(index).constant
        if found is None:
            raise self.fail("no variable can stand here", self.positional[index].place)
        return found

    def number(self, index: int) -> int:
        """The number at a position."""
        argument = self.positional[index]
        assert isinstance(argument, Number)
        return argument.value

    def tag_text(self, tag: str, otherwise: str = "") -> Text:
        """A tag's string."""
        argument = self.given.get(tag)
        return self.compiler.text(argument) if isinstance(argument, String) else Text(otherwise, variables=False)

    def tag_texts(self, tag: str) -> Texts:
        """A tag's string list, empty when it was not given."""
        argument = self.given.get(tag)
        return self._texts(argument) if argument is not None else Texts(())

    def tag_number(self, tag: str, otherwise: int = 0) -> int:
        """A tag's number."""
        argument = self.given.get(tag)
        return argument.value if isinstance(argument, Number) else otherwise

    def fail(self, text: str, place: Place | None = None) -> ScriptError:
        """To be raised."""
        return ScriptError(text, place or self.place)

    def conditions(self) -> tuple[Condition, ...]:
        """The tests it is made of."""
        return tuple(self.compiler.test(each) for each in self.node.tests)

    def block(self) -> Step:
        """Its block."""
        assert isinstance(self.node, Command)
        return self.compiler.block(self.node.block or ())

    def enclosed(self, name: str) -> bool:
        """Are we within a command of this name?"""
        return name in self.compiler.around

    def comparator(self) -> Comparator:
        """`:comparator`, which must have been required."""
        argument = self.given.get("comparator")
        if not isinstance(argument, String):
            return DEFAULT
        found = COMPARATORS.get(argument.value)
        if found is None:
            raise self.fail(f"there is no comparator {argument.value}", argument.place)
        if found.name not in BUILT_IN:
            self.compiler.need(f"comparator-{found.name}", argument.place, f"the comparator {found.name}")
        return found

    def matcher(self, keys: int) -> Matcher:
        """The match type for the keys at a position."""
        return self._matcher(self.texts(keys), self.positional[keys].place)

    def matcher_of(self, keys: Texts) -> Matcher:
        """The same for keys that come otherwise."""
        return self._matcher(keys, self.place)

    def _matcher(self, keys: Texts, place: Place) -> Matcher:
        comparator = self.comparator()
        kind = next((each for each in ("is", "contains", "matches", "regex", "value", "count") if self.has(each)), "is")
        relation = ""
        if kind in ("value", "count"):
            relation = (self.tag_text(kind).constant or "").lower()
            if relation not in RELATIONS:
                raise self.fail(f":{kind} takes one of {', '.join(RELATIONS)}")
        elif kind != "is" and not comparator.parts:
            raise self.fail(f"{comparator.name} compares whole numbers: it cannot do :{kind}")
        if kind == "regex":
            self._check_expressions(keys, place, folds=comparator.key("A") == "a")
        return Matcher(kind, relation, comparator, keys)

    def _check_expressions(self, keys: Texts, place: Place, *, folds: bool) -> None:
        for key in keys:
            if key.constant is not None:
                try:
                    extended(key.constant, folds=folds)
                except ValueError as error:
                    raise self.fail(f"not a regular expression: {error}", place) from None

    def address_part(self) -> AddressPart:
        """`:localpart` and so on."""
        for name, part in {**_PARTS, **self.compiler.address_parts}.items():
            if self.has(name):
                return part
        return _PARTS["all"]

    def _texts(self, argument: Argument) -> Texts:
        items = argument.items if isinstance(argument, Strings) else (argument,)
        return Texts(self.compiler.text(each) for each in items if isinstance(each, String))


def bind(use: Use, known: Mapping[str, TagOf], forms: Sequence[tuple[Takes, ...]]) -> None:
    """Sort the arguments into tags and positions. Raises ScriptError."""
    groups: dict[str, str] = {}
    rest: list[Argument] = []
    arguments = iter(use.node.arguments)
    for argument in arguments:
        if isinstance(argument, Tag):
            use.given[argument.name] = _tag(use, argument, known, groups, arguments)
        else:
            rest.append(argument)
    if not any(_fits(form, rest) for form in forms):
        raise use.fail(f"{use.node.name} takes {' or '.join(map(_described, forms))}")
    use.positional = tuple(rest)


def _tag(
    use: Use, given: Tag, known: Mapping[str, TagOf], groups: dict[str, str], arguments: Iterator[Argument]
) -> Argument | None:
    tag = known.get(given.name)
    if tag is None:
        raise use.fail(f"{use.node.name} has no tag :{given.name}", given.place)
    if tag.requires:
        use.compiler.need(tag.requires, given.place, f":{tag.name}")
    group = tag.group or tag.name
    if group in groups:
        other = groups[group]
        text = f":{tag.name} is given twice" if other == tag.name else f":{tag.name} and :{other} exclude each other"
        raise use.fail(text, given.place)
    groups[group] = tag.name
    if tag.takes is None:
        return None
    value = next(arguments, None)
    if value is None or not _suits(tag.takes, value):
        raise use.fail(f":{tag.name} takes {tag.takes.value}", given.place)
    return value


def _suits(takes: Takes, value: Argument) -> bool:
    if takes is Takes.NUMBER:
        return isinstance(value, Number)
    return isinstance(value, String) or (takes is Takes.STRINGS and isinstance(value, Strings))


def _fits(form: tuple[Takes, ...], arguments: Sequence[Argument]) -> bool:
    return len(form) == len(arguments) and all(map(_suits, form, arguments))


def _described(form: tuple[Takes, ...]) -> str:
    return ", then ".join(each.value for each in form) or "no arguments"
