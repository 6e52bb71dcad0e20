"""ihave: is an extension there? error: this script cannot do what it is for.  RFC 5463"""

from odmail.sieve.declare import Extension, Question, Takes, Verb
from odmail.sieve.model import RunError, String, Strings
from odmail.sieve.run import Condition, Run, Step
from odmail.sieve.use import Use


def _ihave(use: Use) -> Condition:
    """What is there may be used from here on."""
    (argument,) = use.positional
    strings = argument.items if isinstance(argument, Strings) else (argument,)
    names = [each.value for each in strings if isinstance(each, String)]
    there = use.compiler.enable_known(names)
    return lambda run: there


def _error(use: Use) -> Step:
    text = use.text(0)

    def error(run: Run) -> None:
        raise RunError(" ".join(text(run).split()) or "error")

    return error


EXTENSION = Extension(
    "ihave",
    "5463",
    verbs=(Verb("error", _error, ((Takes.STRING,),)),),
    questions=(Question("ihave", _ihave, ((Takes.STRINGS,),)),),
)
