"""What people ask of the filters page, and the Sieve script that does it.  RFC 5228, RFC 5230, RFC 5260

The script carries the wishes in a comment of its first line: it is their only place. A script of the person's own is
never changed: ours includes it (RFC 6609), so that it runs after ours as it ran before.
"""

import enum
from datetime import date

import msgspec

NAME = "portal"
"""What our script is called among the account's."""

_MARK = "# wishes "
_HEAD = (
    'require ["copy", "date", "fileinto", "imap4flags", "include", "mailbox", "relational", "vacation"];\n'
    "# Written anew with each change on the filters page: keep what you write yourself in another script.\n"
)
_ZONE = "+0530"


class Field(enum.StrEnum):
    """What a rule looks at."""

    FROM = "from"
    SUBJECT = "subject"
    LIST = "list"


class Act(enum.StrEnum):
    """What it does then."""

    FOLDER = "folder"
    FLAG = "flag"
    FORWARD = "forward"


class Rule(msgspec.Struct, frozen=True):
    """`target` is a folder or an address; "" for a flag."""

    field: Field
    text: str
    act: Act
    target: str = ""


class Away(msgspec.Struct, frozen=True):
    """From `first` to `last`, both included. Without `outside`, only people of the house get an answer."""

    first: date
    last: date
    inside: str
    outside: str = ""


class Wishes(msgspec.Struct, frozen=True):
    """All of one account. `own` is the person's own script that was active, and runs after ours."""

    away: Away | None = None
    forward: str = ""
    rules: tuple[Rule, ...] = ()
    own: str = ""

    def __bool__(self) -> bool:
        return bool(self.away or self.forward or self.rules)


def read(script: str) -> Wishes:
    """Those a script of ours was made from; none for what is no script of ours."""
    line = script.partition("\n")[0]
    if not line.startswith(_MARK):
        return Wishes()
    try:
        return msgspec.json.decode(line.removeprefix(_MARK), type=Wishes)
    except msgspec.MsgspecError:
        return Wishes()


def write(wishes: Wishes, domains: tuple[str, ...]) -> str:
    """The script. `domains` are those of the house."""
    parts = [f"{_MARK}{msgspec.json.encode(wishes).decode()}\n", _HEAD, *map(_rule, wishes.rules)]
    if wishes.forward:
        parts.append(f"redirect :copy {_quoted(wishes.forward)};\n")
    if wishes.away:
        parts.append(_away(wishes.away, domains))
    if wishes.own:
        parts.append(f"include :personal :optional {_quoted(wishes.own)};\n")
    return "".join(parts)


def _rule(rule: Rule) -> str:
    text = _quoted(rule.text)
    test = {
        Field.FROM: f'address :contains "from" {text}',
        Field.SUBJECT: f'header :contains "subject" {text}',
        Field.LIST: f'header :contains "list-id" {text}',
    }[rule.field]
    act = {
        Act.FOLDER: f"fileinto :create {_quoted(rule.target)};",
        Act.FLAG: 'addflag "\\\\Flagged";',
        Act.FORWARD: f"redirect :copy {_quoted(rule.target)};",
    }[rule.act]
    return f"if {test} {{ {act} }}\n"


def _away(away: Away, domains: tuple[str, ...]) -> str:
    def on(how: str, day: date) -> str:
        return f'currentdate :zone "{_ZONE}" :value "{how}" "date" "{day.isoformat()}"'

    within = f'address :domain :is "from" [{", ".join(map(_quoted, domains))}]'
    told = f"  if {within} {{ {_answer(away.inside, 'inside')} }}\n"
    if away.outside:
        told += f"  else {{ {_answer(away.outside, 'outside')} }}\n"
    return f"if allof({on('ge', away.first)}, {on('le', away.last)}) {{\n{told}}}\n"


def _answer(text: str, handle: str) -> str:
    return f"vacation :days 3 :handle {_quoted(handle)} {_quoted(text)};"


def _quoted(text: str) -> str:
    """RFC 5228 2.4.2"""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
