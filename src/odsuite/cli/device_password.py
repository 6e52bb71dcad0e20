"""`odmail device-password`: a password for one device, made by its owner."""

from collections.abc import Callable
from datetime import datetime

import click

from odcore.directory.model import DevicePassword, Person
from odcore.directory.ops.device import AddDevicePassword, add_device_password, revoke
from odcore.errors import Fault, Kind
from odcore.identity.devices import SCOPES
from odcore.identity.uses import Use
from odsuite.cli.context import Context
from odsuite.terminal import INSTANT, as_json, label, print_list


@click.group()
def command() -> None:
    """Device passwords: random, one for each device, gone without harm when the device is."""


@command.command("add")
@click.argument("person")
@click.option("--post", help="For the mailbox of a post that PERSON holds, instead of their own.")
@click.option("--name", default="", help='The device: "Lenovo laptop".')
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, default=("mail",), show_default=True)
@click.option("--expires", type=INSTANT, help="Good until then.")
@click.pass_obj
def add(
    context: Context, person: str, post: str | None, name: str, scopes: tuple[str, ...], expires: datetime | None
) -> None:
    """Make one for PERSON and print it, this once."""
    wanted = AddDevicePassword(
        person=context.directory.person(person),
        post=context.directory.post(post) if post else None,
        name=name,
        scopes=scopes,
        expires=expires,
    )
    made, secret = add_device_password(context.admin, wanted)
    account = context.directory.account(made.account)
    click.echo(f"sign in as: {account.address}\npassword:   {secret}")


@command.command("list")
@click.argument("person")
@as_json
@click.pass_obj
def show_list(context: Context, person: str, as_json: bool) -> None:
    """PERSON's device passwords; the secrets are known to nobody."""
    owner = context.directory.person(person)
    made = (each for each in context.directory.device_passwords(owner.id) if not each.token)
    print_list(made, columns(context, owner, "Made"), as_json)


@command.command("revoke")
@click.argument("person")
@click.argument("id")
@click.pass_obj
def remove(context: Context, person: str, id: str) -> None:
    """End a device password of PERSON: its first four letters are its ID. Its open sessions end within seconds."""
    owner = context.directory.person(person)
    for device in context.directory.device_passwords(owner.id):
        if not device.token and device.id == id.lower()[:4]:
            revoke(context.admin, owner, device)
            return
    raise Fault(Kind.NOT_FOUND, f"{owner.uid} has no device password {id[:4]}.")


def columns(context: Context, owner: Person, made: str) -> dict[str, Callable[[DevicePassword], object]]:
    """Of a list of a person's secrets; `made` heads the instant one was made at."""
    uses = context.uses.of(owner.id)
    return {
        "Id": lambda device: device.id,
        "Device": lambda device: device.name,
        "Opens": lambda device: label(context.directory, device.account),
        "For": lambda device: ", ".join(device.scopes),
        made: lambda device: device.created.astimezone().isoformat(" ", "minutes"),
        "Until": lambda device: device.expires and device.expires.astimezone().isoformat(" ", "minutes"),
        "Last used": lambda device: _last_use(uses.get(device.id)),
    }


def _last_use(use: Use | None) -> str:
    """When, by which service and from where, as this node knows it."""
    at = datetime.fromisoformat(use.at).astimezone().isoformat(" ", "minutes") if use else ""
    return f"{at} {use.service} {use.address} {use.client}".rstrip() if use else ""
