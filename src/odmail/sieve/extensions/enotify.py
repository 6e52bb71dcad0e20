"""enotify: somebody is told, by mail.  RFC 5435, RFC 5436"""

from odmail.sieve.actions import Notify
from odmail.sieve.declare import Extension, Question, TagOf, Takes, Verb
from odmail.sieve.extensions.core import trouble_with
from odmail.sieve.fcc import chosen_copy
from odmail.sieve.mailto import read
from odmail.sieve.model import RunError
from odmail.sieve.run import Condition, Run, Step
from odmail.sieve.use import Use


def _trouble(method: str) -> str:
    """Why nobody can be told that way, or ""."""
    target = read(method)
    if target is None:
        return f"{method[:100]}: notices go by mailto: only, to one address at least"
    return next((trouble for trouble in map(trouble_with, target.to) if trouble), "")


def _notify(use: Use) -> Step:
    method, message, sender = use.text(0), use.tag_text("message"), use.tag_text("from")
    importance, options, copy = use.tag_text("importance", "2"), use.tag_texts("options"), chosen_copy(use)
    if importance.constant is not None and importance.constant not in ("1", "2", "3"):
        raise use.fail(":importance is 1, 2 or 3")
    if use.has("from") and sender.constant is not None and (trouble := trouble_with(sender.constant)):
        raise use.fail(trouble)
    if method.constant is not None:
        trouble = _trouble(method.constant) or _objection(use, method.constant)
        if trouble:
            raise use.fail(trouble, use.positional[0].place)

    def notify(run: Run) -> None:
        uri = method(run)
        trouble = _trouble(uri)
        target = read(uri)
        if trouble or target is None:
            raise RunError(trouble)
        for address in target.to:
            if refusal := run.lookup.may_send_to(address):
                raise RunError(refusal)
        weight = importance(run)
        level = int(weight) if weight in ("1", "2", "3") else 2
        action = Notify(uri, message(run), sender(run), level, options(run), copy(run))
        run.act(action, copy=True)  # RFC 5435 3: the implicit keep stays

    return notify


def _objection(use: Use, method: str) -> str:
    target = read(method)
    addresses = target.to if target else ()
    return next((text for text in map(use.compiler.house.objection, addresses) if text), "")


def _valid_notify_method(use: Use) -> Condition:
    """RFC 5435 4"""
    methods = use.texts(0)
    return lambda run: not any(_trouble(method) for method in methods(run))


def _notify_method_capability(use: Use) -> Condition:
    """RFC 5436 2.8, RFC 8580 5: whether somebody is online, mail does not know; copies can be kept."""
    method, capability, matcher = use.text(0), use.text(1), use.matcher(2)

    def notify_method_capability(run: Run) -> bool:
        known = {"online": "maybe", "fcc": "yes"}.get(capability(run).lower())
        return known is not None and not _trouble(method(run)) and matcher.any(run, (known,))

    return notify_method_capability


_STRING, _STRINGS = Takes.STRING, Takes.STRINGS

EXTENSION = Extension(
    "enotify",
    "5435",
    verbs=(
        Verb(
            "notify",
            _notify,
            ((_STRING,),),
            tags=(
                TagOf("from", _STRING),
                TagOf("importance", _STRING),
                TagOf("options", _STRINGS),
                TagOf("message", _STRING),
            ),
        ),
    ),
    questions=(
        Question("valid_notify_method", _valid_notify_method, ((_STRINGS,),)),
        Question("notify_method_capability", _notify_method_capability, ((_STRING, _STRING, _STRINGS),), matching=True),
    ),
)
