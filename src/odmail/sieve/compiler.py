"""Commands and tests checked against what is declared and turned into functions of a run.  RFC 5228 2.10"""

from collections.abc import Callable, Sequence
from functools import cache

import msgspec

from odmail.sieve import registry
from odmail.sieve.comparators import BUILT_IN, COMPARATORS
from odmail.sieve.declare import Question, TagOf, Takes, Verb, Within
from odmail.sieve.model import Command, Place, ScriptError, String, Strings, Test
from odmail.sieve.parser import parse
from odmail.sieve.run import Condition, Run, Step
from odmail.sieve.template import Text
from odmail.sieve.use import AddressPart, Use, bind

_MATCH = (
    TagOf("comparator", Takes.STRING),
    TagOf("is", group="match type"),
    TagOf("contains", group="match type"),
    TagOf("matches", group="match type"),
)
_ADDRESS = tuple(TagOf(name, group="address part") for name in ("all", "localpart", "domain"))

_CHAIN = ("if", "elsif", "else")


class Warned(msgspec.Struct, frozen=True):
    """What will probably not do what was meant."""

    text: str
    place: Place


class Program(msgspec.Struct, frozen=True):
    """A script ready to run."""

    start: Step
    warnings: tuple[Warned, ...] = ()
    includes: tuple[tuple[bool, str], ...] = ()  # (is it the site's?, name)


class House(msgspec.Struct, frozen=True):
    """What a script is checked against: policy, and what exists. Each takes a name and says what is wrong, or ""."""

    objection: Callable[[str], str] = lambda address: ""  # to sending mail there: the script is refused
    mailbox: Callable[[str], str] = lambda name: ""  # about filing there: a warning
    script: Callable[[str], str] = lambda name: ""  # about including it: a warning


NOWHERE = House()


def compile_script(source: bytes | str, house: House = NOWHERE) -> Program:
    """Raises ScriptError."""
    commands = parse(source)
    compiler = Compiler(house)
    start = compiler.block(commands)
    return Program(start, tuple(compiler.warnings), tuple(compiler.includes))


class Compiler:
    """One script's compilation."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.enabled: set[str] = {""}
        self.warnings: list[Warned] = []
        self.includes: list[tuple[bool, str]] = []
        self.around: list[str] = []  # names of the commands around the current one
        self.address_parts: dict[str, AddressPart] = registry.ADDRESS_PARTS
        self._included: dict[str, Step] = {}
        self._begun = False  # has any command but require been seen?

    # What `compile` functions use.

    def text(self, string: String) -> Text:
        """A string with what the enabled extensions see in it."""
        value = string.value
        for name, decode in registry.DECODERS.items():
            if name in self.enabled:
                try:
                    value = decode(value)
                except ValueError as error:
                    raise ScriptError(str(error), string.place) from None
        return Text(value, variables="variables" in self.enabled)

    def need(self, capability: str, place: Place, what: str) -> None:
        """Raises ScriptError unless it was required."""
        if capability not in self.enabled:
            raise ScriptError(f'{what} needs: require "{capability}";', place)

    def warn(self, text: str, place: Place) -> None:
        """Say so to whoever put the script."""
        self.warnings.append(Warned(text, place))

    def enable(self, capabilities: Sequence[str]) -> None:
        """From here on these may be used."""
        for name in capabilities:
            self.enabled.add(name)
            self.enabled.update(registry.IMPLIED.get(name, ()))

    def enable_known(self, capabilities: Sequence[str]) -> bool:
        """The same, if all of them are there; whether they are.  RFC 5463 4"""
        known = all(map(_may_be_hoped, capabilities))
        if known:
            self.enable(capabilities)
        return known

    def included(self, source: str) -> Step:
        """A script that is part of this one, compiled when it is first met."""
        if source not in self._included:
            self._included[source] = Compiler(self.house).block(parse(source))
        return self._included[source]

    # Blocks and commands.

    def block(self, commands: Sequence[Command]) -> Step:
        """A sequence as one step."""
        steps: list[tuple[Step, Command]] = []
        at = 0
        while at < len(commands):
            command = commands[at]
            if command.name == "require":
                self._require(command)
                at += 1
                continue
            self._begun = True
            if command.name == "if":
                chain = _chain(commands, at)
                at += len(chain)
                steps.append((self._if(chain), command))
                continue
            steps.append((self._command(command), command))
            at += 1
        return _sequence(steps)

    def _require(self, command: Command) -> None:
        if self._begun or self.around:
            raise ScriptError("require must stand before all other commands", command.place)
        arguments = command.arguments
        if len(arguments) != 1 or not isinstance(arguments[0], String | Strings) or command.tests or command.block:
            raise ScriptError("require takes a string list", command.place)
        items = arguments[0].items if isinstance(arguments[0], Strings) else (arguments[0],)
        for item in items:
            if not is_known(item.value):
                raise ScriptError(f'there is no extension "{item.value}" here', item.place)
        self.enable([item.value for item in items])

    def _if(self, chain: Sequence[Command]) -> Step:
        branches: list[tuple[Condition | None, Step]] = []
        for command in chain:
            wanted = 0 if command.name == "else" else 1
            if command.arguments or len(command.tests) != wanted:
                takes = "one test and" if wanted else "only"
                raise ScriptError(f"{command.name} takes {takes} a block", command.place)
            if command.block is None:
                raise ScriptError(f"{command.name} needs a block", command.place)
            branches.append(self._branch(command))
        plain = tuple(branches)

        def run_if(run: Run) -> None:
            for condition, block in plain:
                if condition is None or condition(run):
                    block(run)
                    return

        return run_if

    def _branch(self, command: Command) -> tuple[Condition | None, Step]:
        condition = self.test(command.tests[0]) if command.tests else None
        if command.tests and _known(command.tests[0]) is False:
            return condition, _sequence([])  # RFC 5463 4: it may hold what is not there
        self.around.append(command.name)
        block = self.block(command.block or ())
        self.around.pop()
        return condition, block

    def _command(self, command: Command) -> Step:
        declared = registry.VERBS.get(command.name)
        if declared is None:
            if command.name in _CHAIN:
                raise ScriptError(f"{command.name} must follow an if or elsif", command.place)
            raise ScriptError(f"there is no command {command.name}", command.place)
        extension, verb = declared
        self._need_any(extension, verb.requires, command.place, command.name)
        if command.tests:
            raise ScriptError(f'a ";" must end {command.name}, which takes no test', command.tests[0].place)
        if (command.block is not None) != verb.block:
            raise ScriptError(f"{command.name} {'needs' if verb.block else 'takes no'} block", command.place)
        use = Use(self, command, verb)
        bind(use, _tags(command.name, verb), verb.forms)
        if not verb.block:
            return verb.compile(use)
        self.around.append(command.name)
        step = verb.compile(use)
        self.around.pop()
        return step

    def test(self, test: Test) -> Condition:
        """A test as a function."""
        declared = registry.QUESTIONS.get(test.name)
        if declared is None:
            raise ScriptError(f"there is no test {test.name}", test.place)
        extension, question = declared
        self._need_any(extension, question.requires, test.place, test.name)
        few, many = {Within.NOTHING: (0, 0), Within.TEST: (1, 1), Within.TESTS: (1, 1 << 30)}[question.within]
        if not few <= len(test.tests) <= many:
            raise ScriptError(f"{test.name} takes {question.within.value} in it", test.place)
        use = Use(self, test, question)
        bind(use, _tags(test.name, question), question.forms)
        return _counted(question.compile(use), test)

    def _need_any(self, extension: str, requires: str, place: Place, what: str) -> None:
        self.need(requires or extension, place, what)


def is_known(capability: str) -> bool:
    """Can it be required?"""
    prefix, name = capability[:11], capability[11:]
    return capability in registry.CAPABILITIES or (prefix == "comparator-" and name in COMPARATORS)


def _may_be_hoped(capability: str) -> bool:
    """RFC 5463 4: not what changes the meaning of strings: that must be known from the beginning."""
    return is_known(capability) and capability not in ("variables", "encoded-character")


def capabilities() -> tuple[str, ...]:
    """All that can be required, as ManageSieve announces them."""
    comparators = [f"comparator-{name}" for name in COMPARATORS if name not in BUILT_IN]
    return (*sorted(registry.CAPABILITIES), *comparators)


@cache
def _tags(name: str, declared: Verb | Question) -> dict[str, TagOf]:
    """All it may have, those that extensions add included."""
    tags = [*declared.tags, *registry.MORE.get(name, ())]
    if declared.matching:
        tags += [*_MATCH, *registry.MORE.get("match", ())]
    if isinstance(declared, Question) and declared.address:
        tags += [*_ADDRESS, *registry.MORE.get("address part", ())]
    return {tag.name: tag for tag in tags}


def _chain(commands: Sequence[Command], at: int) -> list[Command]:
    """An if with its elsifs and its else."""
    chain = [commands[at]]
    for command in commands[at + 1 :]:
        if command.name not in ("elsif", "else") or chain[-1].name == "else":
            break
        chain.append(command)
    return chain


def _known(test: Test) -> bool | None:
    """What an `ihave` in it makes certain; None for what the message decides."""
    if test.name == "ihave":
        strings = [each for argument in test.arguments if isinstance(argument, Strings) for each in argument.items]
        strings += [argument for argument in test.arguments if isinstance(argument, String)]
        return all(_may_be_hoped(each.value) for each in strings)
    answers = [_known(each) for each in test.tests]
    if test.name == "not" and answers[0] is not None:
        return not answers[0]
    if test.name == "allof" and False in answers:
        return False
    if test.name == "anyof" and all(answer is False for answer in answers):
        return False
    return None


def _sequence(steps: Sequence[tuple[Step, Command]]) -> Step:
    plain = tuple(steps)

    def run_all(run: Run) -> None:
        for step, command in plain:
            run.step()
            if run.trace is not None:
                run.note(command.place, command.name)
            step(run)

    return run_all


def _counted(condition: Condition, test: Test) -> Condition:
    def ask(run: Run) -> bool:
        run.step()
        answer = condition(run)
        if run.trace is not None:
            run.note(test.place, f"  {test.name}: {'yes' if answer else 'no'}")
        return answer

    return ask
