"""imap4flags: the flags a message is filed with.  RFC 5232"""

from collections.abc import Callable, Iterable

from odmail.sieve.declare import Extension, Question, TagOf, Takes, Verb
from odmail.sieve.flags import words
from odmail.sieve.run import Condition, Run, Step
from odmail.sieve.template import Text
from odmail.sieve.use import Use

Change = Callable[[tuple[str, ...], tuple[str, ...]], Iterable[str]]


def _set(old: tuple[str, ...], given: tuple[str, ...]) -> Iterable[str]:
    return given


def _add(old: tuple[str, ...], given: tuple[str, ...]) -> Iterable[str]:
    return (*old, *given)


def _remove(old: tuple[str, ...], given: tuple[str, ...]) -> Iterable[str]:
    gone = {flag.lower() for flag in given}
    return (flag for flag in old if flag.lower() not in gone)


def _verb(name: str, change: Change) -> Verb:
    """RFC 5232 3: with a variable's name in front, its value is the list of flags."""

    def compiled(use: Use) -> Step:
        variable = _variable(use, use.text(0)) if len(use.positional) == 2 else None
        given = use.texts(len(use.positional) - 1)

        def step(run: Run) -> None:
            old = run.flags if variable is None else words([run.get(variable)])
            new = words(change(old, words(given(run))))
            if variable is None:
                run.flags = new
            else:
                run.set(variable, " ".join(new))

        return step

    return Verb(name, compiled, ((Takes.STRINGS,), (Takes.STRING, Takes.STRINGS)))


def _variable(use: Use, name: Text) -> str:
    use.compiler.need("variables", use.place, "the name of a variable")
    if not name.constant:
        raise use.fail("a variable's name must be plain")
    return name.constant.lower()


def _hasflag(use: Use) -> Condition:
    """RFC 5232 4: each flag is a value; with `:count` how many there are."""
    names = use.texts(0) if len(use.positional) == 2 else None
    if names is not None:
        use.compiler.need("variables", use.place, "the name of a variable")
    matcher = use.matcher_of(use.texts(len(use.positional) - 1).words())

    def hasflag(run: Run) -> bool:
        found = run.flags if names is None else words(run.get(name.lower()) for name in names(run))
        return matcher.any(run, found)

    return hasflag


EXTENSION = Extension(
    "imap4flags",
    "5232",
    verbs=(_verb("setflag", _set), _verb("addflag", _add), _verb("removeflag", _remove)),
    questions=(Question("hasflag", _hasflag, ((Takes.STRINGS,), (Takes.STRINGS, Takes.STRINGS)), matching=True),),
    more=((("keep", "fileinto"), TagOf("flags", Takes.STRINGS, requires="imap4flags")),),
)
