"""extracttext: the text of the current part into a variable.  RFC 5703 7"""

from odmail.sieve.declare import Extension, TagOf, Takes, Verb
from odmail.sieve.extensions.variables import modified, modifiers, variable_name
from odmail.sieve.limits import VALUE
from odmail.sieve.run import Run, Step
from odmail.sieve.use import Use


def _extracttext(use: Use) -> Step:
    use.compiler.need("variables", use.place, "extracttext")
    if not use.enclosed("foreverypart"):
        raise use.fail("extracttext has no foreverypart around it")
    name = variable_name(use, 0)
    most = use.tag_number("first") if use.has("first") else VALUE

    def extracttext(run: Run) -> None:
        entity = run.parts[-1]
        text = run.decoded(entity, "text", entity.text) if entity.part.kind == "text" else ""
        run.set(name, modified(use, text[:most]))

    return extracttext


EXTENSION = Extension(
    "extracttext",
    "5703",
    verbs=(Verb("extracttext", _extracttext, ((Takes.STRING,),), tags=(TagOf("first", Takes.NUMBER), *modifiers())),),
)
