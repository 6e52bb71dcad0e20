"""foreverypart, break: the same for each part of the message.  RFC 5703 3"""

from odmail.sieve.declare import Extension, TagOf, Takes, Verb
from odmail.sieve.run import Break, Run, Step
from odmail.sieve.use import Use


def _foreverypart(use: Use) -> Step:
    name, block = use.tag_text("name").constant or "", use.block()

    def foreverypart(run: Run) -> None:
        around = run.parts[-1] if run.parts else run.mail
        parts = around.within[1:] if run.parts else around.within
        for part in parts:
            run.step()
            run.parts.append(part)
            try:
                block(run)
            except Break as asked:
                if asked.name and asked.name != name:
                    raise
                return
            finally:
                run.parts.pop()

    return foreverypart


def _break(use: Use) -> Step:
    if not use.enclosed("foreverypart"):
        raise use.fail("break has no foreverypart around it")
    name = use.tag_text("name").constant or ""

    def step(run: Run) -> None:
        raise Break(name)

    return step


_NAME = (TagOf("name", Takes.STRING),)

EXTENSION = Extension(
    "foreverypart",
    "5703",
    verbs=(Verb("foreverypart", _foreverypart, tags=_NAME, block=True), Verb("break", _break, tags=_NAME)),
)
