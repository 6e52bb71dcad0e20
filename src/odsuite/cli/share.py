"""`odmail share`: who may do what in one mailbox. The same lists as IMAP's SETACL writes (RFC 4314)."""

import click
import msgspec

from odcore.directory.model import Person, Post
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.sharing import identifiers
from odcore.sharing.api import Owner
from odcore.sharing.delegation import giver
from odmail.mailbox import acl
from odmail.mailbox.api import DeleteAcl, MailAccount, SetAcl
from odmail.mailbox.sharing import share, unshare
from odsuite.cli.context import Context
from odsuite.cli.delegate import find_owner
from odsuite.terminal import as_json, label, print_list

LEVELS = {"read": "lrs", "write": "lrswite", "manage": "lrswipkxte", "post": "lp"}
"""Usual sets of rights, by name."""


class Line(msgspec.Struct, frozen=True):
    """One entry of a list, to be printed."""

    mailbox: str
    identifier: str
    rights: str
    giver: str


@click.group()
def command() -> None:
    """Access lists: what people, posts and groups may do in a mailbox. Others: odmail drive, odmail calendar."""


@command.command("add")
@click.argument("owner")
@click.argument("mailbox")
@click.argument("identifier")
@click.argument("rights")
@click.option("--standing", is_flag=True, help="For a post: stays when its holder hands over.")
@click.pass_obj
def add(context: Context, owner: str, mailbox: str, identifier: str, rights: str, standing: bool) -> None:
    """Let IDENTIFIER do this in MAILBOX of OWNER, a person or a post.

    IDENTIFIER is a person, a post, group:NAME, office:NAME or anyone (who signed in); with a dash before it
    RIGHTS are taken away, whatever else gives them. RIGHTS is read, write, manage, post, or letters of RFC 4314:
    lookup, read, seen, write, insert, post, k (make mailboxes below), x (delete it), t (delete messages), expunge,
    administer.
    """
    whose = find_owner(context, owner)
    subject, negative = _subject(context, whose, identifier)
    letters = acl.parse(LEVELS.get(rights, rights))
    if not letters:
        raise Fault(Kind.BAD_REQUEST, "Say which rights; odmail share remove takes an entry out.")
    options = SetAcl(mailbox, subject, letters, "set", negative, "" if standing else giver(whose))
    now = share(context.parts.register, context.store.open(whose.id), options)
    facts = {"mailbox": mailbox, "with": identifier, "rights": now}
    context.audit.record("mailbox-shared", context.actor, whose.id, **facts)


@command.command("list")
@click.argument("owner")
@as_json
@click.pass_obj
def show_list(context: Context, owner: str, as_json: bool) -> None:
    """All access lists of OWNER."""
    lines = _lines(context, context.store.open(find_owner(context, owner).id))
    columns = {
        "Mailbox": lambda line: line.mailbox,
        "Who": lambda line: line.identifier,
        "Rights": lambda line: line.rights,
        "Given by": lambda line: label(context.directory, line.giver),
    }
    print_list(lines, columns, as_json)


@command.command("of")
@click.argument("person")
@as_json
@click.pass_obj
def show_of(context: Context, person: str, as_json: bool) -> None:
    """Who shares mail with PERSON: all of it by delegation, or mailboxes by their lists."""
    whom = context.directory.person(person)
    principal = Principal(whom, context.directory.account(whom.id))
    sharing = context.parts.sharing
    columns = {
        "Whose": lambda owner: owner.label,
        "All of it": lambda owner: ", ".join(sorted(owner.powers)),
        "Mailboxes": lambda owner: ", ".join(_open_to(context, owner)),
    }
    print_list([*sharing.people(principal), *sharing.posts(principal)], columns, as_json)


@command.command("remove")
@click.argument("owner")
@click.argument("mailbox")
@click.argument("identifier")
@click.pass_obj
def remove(context: Context, owner: str, mailbox: str, identifier: str) -> None:
    """Take IDENTIFIER out of MAILBOX's list: open connections to it end within seconds."""
    whose = find_owner(context, owner)
    subject, negative = _subject(context, whose, identifier)
    account = context.store.open(whose.id)
    if not any((each.subject, each.negative) == (subject, negative) for each in account.acl(mailbox)):
        raise Fault(Kind.NOT_FOUND, f"{mailbox} is not shared with {identifier}.")
    unshare(context.parts.register, account, DeleteAcl(mailbox, subject, negative))
    context.audit.record("mailbox-unshared", context.actor, whose.id, mailbox=mailbox, **{"with": identifier})


def _subject(context: Context, owner: Person | Post, identifier: str) -> tuple[str, bool]:
    """Whom it names, and whether a dash stands before it."""
    name = identifier.removeprefix("-")
    return identifiers.other(context.directory, owner.id, name), name != identifier


def _open_to(context: Context, owner: Owner) -> list[str]:
    """What may be looked up because of a list."""
    if owner.holds:
        return ["all: holds the post"]
    account = context.store.open(owner.account.id)
    lists = account.acls()
    return [box.name for box in account.mailboxes() if box.id in lists and "l" in acl.granted(owner, lists[box.id])]


def _lines(context: Context, account: MailAccount) -> list[Line]:
    names = {box.id: box.name for box in account.mailboxes()}
    spell = context.parts.sharing.identifier
    return [
        Line(names[mailbox], "-" * each.negative + spell(each.subject), each.rights, each.giver)
        for mailbox, entries in sorted(account.acls().items(), key=lambda one: names[one[0]])
        for each in entries
    ]
