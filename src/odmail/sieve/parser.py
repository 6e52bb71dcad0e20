"""Tokens into commands and tests.  RFC 5228 8.2"""

from odmail.sieve.lexer import Lexer, Token
from odmail.sieve.limits import NESTING, SCRIPT
from odmail.sieve.model import Argument, Command, Number, Place, ScriptError, String, Strings, Tag, Test

_START = Place(1, 1)


def parse(source: bytes | str) -> tuple[Command, ...]:
    """The script's commands. Raises ScriptError with the place of what is wrong."""
    octets = source.encode("utf-8", "surrogateescape") if isinstance(source, str) else source
    if len(octets) > SCRIPT:
        raise ScriptError(f"the script is larger than {SCRIPT} octets", _START)
    return _Parser(_decoded(octets)).script()


def _decoded(octets: bytes) -> str:
    """RFC 5228 2.1: scripts are UTF-8."""
    try:
        text = octets.decode()
    except UnicodeDecodeError as error:
        before = octets[: error.start].decode()
        raise ScriptError("this is not UTF-8", Lexer(before + " ").place(len(before))) from None
    if "\0" in text:
        raise ScriptError("NUL is not allowed", Lexer(text).place(text.index("\0")))
    return text.removeprefix("\ufeff")


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = Lexer(text).tokens()
        self._token = next(self._tokens)

    def script(self) -> tuple[Command, ...]:
        commands = self._commands(0)
        if self._token.kind != "end":
            raise self._unexpected("a command")
        return commands

    def _next(self) -> Token:
        token = self._token
        if token.kind != "end":
            self._token = next(self._tokens)
        return token

    def _take(self, kind: str) -> bool:
        if self._token.kind != kind:
            return False
        self._next()
        return True

    def _expect(self, kind: str) -> None:
        if not self._take(kind):
            raise self._unexpected(repr(kind).replace("'", '"'))

    def _unexpected(self, wanted: str) -> ScriptError:
        token = self._token
        found = {"end": "the script ends", "string": "a string stands", "tag": f":{token.value} stands"}.get(
            token.kind, f"{token.value} stands"
        )
        return ScriptError(f"{found} where {wanted} should be", token.place)

    def _commands(self, depth: int) -> tuple[Command, ...]:
        commands: list[Command] = []
        while self._token.kind == "identifier":
            commands.append(self._command(depth))
        return tuple(commands)

    def _command(self, depth: int) -> Command:
        name = self._next()
        arguments = self._arguments()
        tests = self._tests(0)
        if self._take(";"):
            return Command(name.value, arguments, tests, None, name.place)
        place = self._token.place
        if not self._take("{"):
            raise self._unexpected('";" or a block')
        if depth >= NESTING:
            raise ScriptError(f"blocks are more than {NESTING} deep", place)
        block = self._commands(depth + 1)
        if not self._take("}"):
            raise self._unexpected('a command or "}"')
        return Command(name.value, arguments, tests, block, name.place)

    def _arguments(self) -> tuple[Argument, ...]:
        found: list[Argument] = []
        while True:
            token = self._token
            if token.kind == "tag":
                found.append(Tag(token.value, token.place))
            elif token.kind == "number":
                found.append(Number(token.number, token.place))
            elif token.kind == "string":
                found.append(String(token.value, token.place))
            elif token.kind == "[":
                found.append(self._strings())
                continue
            else:
                return tuple(found)
            self._next()

    def _strings(self) -> Strings:
        place = self._next().place
        items: list[String] = []
        while self._token.kind == "string":
            items.append(String(self._token.value, self._token.place))
            self._next()
            if not self._take(","):
                break
            if self._token.kind != "string":
                raise self._unexpected("a string")
        if not items:
            raise self._unexpected("a string")
        self._expect("]")
        return Strings(tuple(items), place)

    def _tests(self, depth: int) -> tuple[Test, ...]:
        """None, one, or a list in parentheses."""
        if self._token.kind == "identifier":
            return (self._test(depth),)
        place = self._token.place
        if not self._take("("):
            return ()
        if depth >= NESTING:
            raise ScriptError(f"tests are more than {NESTING} deep", place)
        found: list[Test] = []
        while True:
            if self._token.kind != "identifier":
                raise self._unexpected("a test")
            found.append(self._test(depth + 1))
            if not self._take(","):
                break
        self._expect(")")
        return tuple(found)

    def _test(self, depth: int) -> Test:
        name = self._next()
        if depth >= NESTING:
            raise ScriptError(f"tests are more than {NESTING} deep", name.place)
        arguments = self._arguments()
        return Test(name.value, arguments, self._tests(depth + 1), name.place)
