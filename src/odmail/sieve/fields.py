"""Which header fields a test looks at: by name, by `:index`, in which parts.  RFC 5260 6, RFC 5703 4"""

from collections.abc import Iterable, Sequence

from odmail.message import parameters
from odmail.sieve.mail import Entity, Field
from odmail.sieve.run import Run
from odmail.sieve.template import Texts
from odmail.sieve.use import Use


class ChosenFields:
    """The fields a test's arguments mean."""

    def __init__(self, use: Use, names: Texts) -> None:
        self._names = names
        self._index = use.tag_number("index") if use.has("index") else 0
        self._last = use.has("last")
        self._mime = use.has("mime")
        self._deep = use.has("anychild")
        self._option = next((each for each in ("type", "subtype", "contenttype", "param") if use.has(each)), "")
        self._parameters = use.tag_texts("param")
        if self._last and not self._index:
            raise use.fail(":last needs :index")
        if use.has("index") and not self._index:
            raise use.fail(":index counts from 1")
        if (self._deep or self._option) and not self._mime:
            raise use.fail(f":{'anychild' if self._deep else self._option} needs :mime")

    def __call__(self, run: Run) -> Iterable[Field]:
        """All of them."""
        for name in self._names(run):
            yield from self.named(run, name)

    def named(self, run: Run, name: str) -> Iterable[Field]:
        """Those of one name."""
        for entity in self._entities(run):
            found = entity.fields.named(name)
            yield from self._numbered(found) if self._index else found

    def values(self, run: Run, field: Field) -> list[str]:
        """What of a field is compared: its text, or a piece of a Content-Type or Content-Disposition.  RFC 5703 4.2"""
        if not self._option:
            return [field.text]
        value, found = parameters.parse(field.body)
        if self._option == "param":
            joined = parameters.joined(found)
            texts = (parameters.text(joined, name.lower().encode()) for name in self._parameters(run))
            return [text for text in texts if text is not None]
        kind, _, subtype = value.decode("latin-1").partition("/")
        return [{"type": kind, "subtype": subtype}.get(self._option, value.decode("latin-1"))]

    def _numbered(self, found: Sequence[Field]) -> Sequence[Field]:
        at = len(found) - self._index if self._last else self._index - 1
        return found[at : at + 1] if 0 <= at < len(found) else ()

    def _entities(self, run: Run) -> Sequence[Entity]:
        if not self._mime:
            return (run.mail,)
        current = run.parts[-1] if run.parts else run.mail
        return current.within if self._deep else (current,)


def chosen_fields(use: Use, names: int) -> ChosenFields:
    """For the names at a position."""
    return ChosenFields(use, use.texts(names))
