"""One message meeting one script: what the run knows, has decided, and may still spend."""

from collections.abc import Callable

from odcore import clock
from odmail.sieve import limits
from odmail.sieve.actions import Action, Filing, Redirect, Reject, Remember, Vacation
from odmail.sieve.house import Envelope, Lookup
from odmail.sieve.mail import Entity, Mail
from odmail.sieve.model import Place, RunError

_LOOK = 64
"""Steps between looks at the clock."""


class Stop(Exception):
    """`stop`: the scripts are done."""


class Return(Exception):
    """`return`: this script is done."""


class Break(Exception):
    """`break`: the loop of this name is done, the innermost for ""."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Scope:
    """The variables of one script, and what its last match found."""

    __slots__ = ("globals", "matches", "variables")

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.matches: list[str] = []
        self.globals: set[str] = set()


class Run:
    """See the module's docstring."""

    def __init__(self, mail: Mail, envelope: Envelope, lookup: Lookup, *, traced: bool = False) -> None:
        self.mail = mail
        self.envelope = envelope
        self.lookup = lookup
        self.now = lookup.now()
        self.scope = Scope()
        self.globals: dict[str, str] = {}
        self.flags: tuple[str, ...] = ()  # imap4flags' own variable
        self.actions: list[Action] = []
        self.keeps = True  # the implicit keep
        self.kept: tuple[str, ...] | None = None  # flags of an explicit keep
        self.remember: list[Remember] = []
        self.parts: list[Entity] = []  # the current part of each foreverypart around us
        self.scripts: list[str] = []  # names of the included scripts we are in
        self.included: list[str] = []
        self.added = 0  # header fields
        self.texts: dict[tuple[int, str], str] = {}  # bodies decoded so far
        self._decoded = 0
        self.trace: list[str] | None = [] if traced else None
        self._steps = 0
        self._began = clock.processor()

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far."""
        return clock.processor() - self._began

    def step(self) -> None:
        """One more command or test. Raises RunError when it was too much."""
        self._steps += 1
        if self._steps % _LOOK == 0:
            self.look()

    def look(self) -> None:
        """Was it too much? For what takes long in one step as well."""
        if self._steps > limits.STEPS:
            raise RunError(f"the script did more than {limits.STEPS} steps")
        if self.cpu > limits.CPU:
            raise RunError(f"the script ran for more than {limits.CPU:.0f} seconds")

    def note(self, place: Place, what: str) -> None:
        """A line of the trace."""
        if self.trace is not None:
            where = "".join(f"{name}: " for name in self.scripts[-1:])
            self.trace.append(f"{where}{place.line}: {what}")

    # Actions.

    def act(self, action: Action, *, copy: bool = False) -> None:
        """One more, in place of the implicit keep unless `copy`."""
        if isinstance(action, Filing) and action in self.actions:  # RFC 5228 2.10.3: once is enough
            self.keeps = self.keeps and copy
            return
        self._check(action)
        self.actions.append(action)
        if not copy:
            self.keeps = False

    def keep(self, flags: tuple[str, ...]) -> None:
        """`keep`; a second one adds its flags."""
        if any(isinstance(each, Reject) for each in self.actions):
            raise RunError("a message cannot be rejected and kept")
        self.kept = tuple(dict.fromkeys((*(self.kept or ()), *flags)))
        self.keeps = False

    def _check(self, action: Action) -> None:
        if len(self.actions) >= limits.ACTIONS:
            raise RunError(f"more than {limits.ACTIONS} actions")
        if isinstance(action, Redirect) and self._count(Redirect) >= limits.REDIRECTS:
            raise RunError(f"more than {limits.REDIRECTS} redirects")
        if isinstance(action, Reject) and (self.kept is not None or self._count(Reject, Filing, Redirect, Vacation)):
            # RFC 5429 2.1, 2.2
            raise RunError("a message that is kept, filed, redirected or answered cannot be rejected too")
        if isinstance(action, Filing | Redirect | Vacation) and self._count(Reject):
            raise RunError("a rejected message cannot be filed, redirected or answered too")
        if isinstance(action, Vacation) and self._count(Vacation):
            raise RunError("vacation may be used once")  # RFC 5230 4.7

    def _count(self, *kinds: type[Action]) -> int:
        return sum(1 for each in self.actions if isinstance(each, kinds))

    # Variables.

    def get(self, name: str) -> str:
        """A variable's value, "" when it has none; `name` in lower case.  RFC 5229 3"""
        if name.isdigit():
            number = int(name)
            return self.scope.matches[number] if number < len(self.scope.matches) else ""
        return self._home(name).get(name.removeprefix("global."), "")

    def set(self, name: str, value: str) -> None:
        """Long values are cut."""
        home = self._home(name)
        key = name.removeprefix("global.")
        if key not in home and len(self.scope.variables) + len(self.globals) >= limits.VARIABLES:
            raise RunError(f"more than {limits.VARIABLES} variables")
        home[key] = value[: limits.VALUE]

    def share(self, name: str) -> None:
        """`global`: from now on the name means the variable all scripts share."""
        if name in self.scope.variables:
            raise RunError(f"the variable {name} is local already")  # RFC 6609 3.4.1
        self.scope.globals.add(name)

    def _home(self, name: str) -> dict[str, str]:
        shared = name.startswith("global.") or name in self.scope.globals
        return self.globals if shared else self.scope.variables

    # Bodies.

    def decoded(self, part: Entity, kind: str, decode: Callable[[int], str]) -> str:
        """What `decode` makes of a part's body, once; given how many octets all may still come to."""
        key = (part.part.body_start, kind)
        if key not in self.texts:
            self.texts[key] = decode(max(0, limits.BODY - self._decoded))
            self._decoded += len(self.texts[key])
        self.look()
        return self.texts[key]


Step = Callable[[Run], None]
Condition = Callable[[Run], bool]
