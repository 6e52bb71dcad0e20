"""keep, discard, redirect, stop: always there.  RFC 5228 3.3, 4"""

from odmail.message.address import parse_strict
from odmail.sieve.actions import Redirect
from odmail.sieve.declare import Extension, Takes, Verb
from odmail.sieve.flags import chosen_flags
from odmail.sieve.model import RunError
from odmail.sieve.run import Run, Step, Stop
from odmail.sieve.use import Use


def _keep(use: Use) -> Step:
    flags = chosen_flags(use)
    return lambda run: run.keep(flags(run))


def _discard(use: Use) -> Step:
    def discard(run: Run) -> None:
        run.keeps = False

    return discard


def _stop(use: Use) -> Step:
    def stop(run: Run) -> None:
        raise Stop

    return stop


def _redirect(use: Use) -> Step:
    """RFC 5228 4.2; where to is the house's policy, when the script is put and again when it is run."""
    address, copy = use.text(0), use.has("copy")
    if address.constant is not None:
        trouble = trouble_with(address.constant) or use.compiler.house.objection(plain(address.constant))
        if trouble:
            raise use.fail(trouble, use.positional[0].place)

    def redirect(run: Run) -> None:
        wanted = address(run)
        trouble = trouble_with(wanted) or run.lookup.may_send_to(plain(wanted))
        if trouble:
            raise RunError(trouble)
        run.act(Redirect(plain(wanted)), copy=copy)

    return redirect


def plain(text: str) -> str:
    """The one address in it, "" when there is none or more than one. A name before it may be.  RFC 5228 2.4.2.3"""
    found = parse_strict(text.strip().encode("utf-8", "surrogateescape"))
    return found[0].spec if found and len(found) == 1 else ""


def trouble_with(address: str) -> str:
    """Why it is no e-mail address, or ""."""
    return "" if plain(address) else f"{address} is no e-mail address"


EXTENSION = Extension(
    "",
    "5228",
    verbs=(
        Verb("keep", _keep),
        Verb("discard", _discard),
        Verb("stop", _stop),
        Verb("redirect", _redirect, forms=((Takes.STRING,),)),
    ),
)
