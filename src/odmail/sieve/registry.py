"""All extensions, found by their folder."""

import importlib
import pkgutil

from odmail.sieve import extensions
from odmail.sieve.declare import Extension, Question, TagOf, Verb


def _load() -> dict[str, Extension]:
    found: dict[str, Extension] = {}
    for module in sorted(each.name for each in pkgutil.iter_modules(extensions.__path__)):
        extension: Extension = importlib.import_module(f"{extensions.__name__}.{module}").EXTENSION
        found[module] = extension
    return found


EXTENSIONS = _load()
"""By module name."""

CAPABILITIES = {name for each in EXTENSIONS.values() for name in (each.name, *each.also) if name}
"""What can be required, but for comparators."""

IMPLIED = {name: (each.name,) for each in EXTENSIONS.values() for name in each.extends}
"""Who requires the first has the others as well."""

VERBS: dict[str, tuple[str, Verb]] = {
    verb.name: (each.name, verb) for each in EXTENSIONS.values() for verb in each.verbs
}
QUESTIONS: dict[str, tuple[str, Question]] = {
    question.name: (each.name, question) for each in EXTENSIONS.values() for question in each.questions
}

MORE: dict[str, list[TagOf]] = {}
"""Tags an extension adds to what others declared, by the name of that."""

for _each in EXTENSIONS.values():
    for _names, _tag in _each.more:
        for _name in _names:
            MORE.setdefault(_name, []).append(_tag)

ADDRESS_PARTS = {name: part for each in EXTENSIONS.values() for name, part in each.address_parts}

DECODERS = {each.name: each.decode for each in EXTENSIONS.values() if each.decode is not None}
