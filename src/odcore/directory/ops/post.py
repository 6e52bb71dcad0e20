"""Posts: offices that people hold one after another."""

import msgspec

from odcore.directory.address import check_new
from odcore.directory.admin import Admin
from odcore.directory.entries import POST_CLASSES, address_values, flag, former_values, language_values
from odcore.directory.filters import child
from odcore.directory.model import Post
from odcore.errors import Fault, Kind


class AddPost(msgspec.Struct, frozen=True, kw_only=True):
    """A new post, vacant. Without addresses: cn@default domain."""

    cn: str
    title: str
    addresses: tuple[str, ...] = ()
    names: dict[str, str] = {}
    office: str = ""
    quota: int = 0
    reserved: bool = False
    calendar_user: str = ""
    booking_days: int = 0
    telephone: str = ""
    unlisted: bool = False


class EditPost(msgspec.Struct, frozen=True, kw_only=True):
    """What is None stays."""

    title: str | None = None
    addresses: tuple[str, ...] | None = None
    names: dict[str, str] | None = None
    office: str | None = None
    quota: int | None = None
    reserved: bool = False
    booking_days: int | None = None
    telephone: str | None = None
    unlisted: bool | None = None
    former: str | None = None  # a FormerRule; "": as the site has it


def add_post(admin: Admin, wanted: AddPost) -> Post:
    """Faults EXISTS, BAD_REQUEST, DENIED (a reserved name), NOT_FOUND (the office)."""
    domain = admin.directory.default_domain()
    if not domain:
        raise Fault(Kind.NOT_FOUND, "Add a domain first: odmail domain add NAME")
    cn = check_new(f"{wanted.cn}@{domain}", wanted.reserved).rpartition("@")[0]
    addresses = admin.free_addresses(wanted.addresses or (f"{cn}@{domain}",), reserved=wanted.reserved)
    values = {
        "cn": [cn],
        "title": [wanted.title],
        "odmailQuota": [str(wanted.quota)] if wanted.quota else [],
        "odmailOfficeId": admin.office_values(wanted.office),
        "odmailCalendarUser": [wanted.calendar_user] if wanted.calendar_user else [],
        "odmailBookingDays": [str(wanted.booking_days)] if wanted.booking_days else [],
        "telephoneNumber": [wanted.telephone] if wanted.telephone else [],
        "odmailUnlisted": flag(wanted.unlisted),
    }
    dn = child("cn", cn, admin.branch("posts"))
    admin.link.add(dn, POST_CLASSES, values | address_values(addresses) | language_values("title", wanted.names))
    return admin.added("post-added", lambda: admin.directory.post(cn), cn=cn, address=addresses[0])


def edit_post(admin: Admin, post: Post, wanted: EditPost) -> Post:
    """Faults as `add_post`."""
    values: dict[str, list[str]] = {}
    if wanted.title is not None:
        values["title"] = [wanted.title]
    if wanted.names is not None:
        values |= language_values("title", wanted.names)
    if wanted.addresses is not None:
        values |= address_values(admin.free_addresses(wanted.addresses, post.id, wanted.reserved))
    if wanted.office is not None:
        values["odmailOfficeId"] = admin.office_values(wanted.office)
    if wanted.quota is not None:
        values["odmailQuota"] = [str(wanted.quota)] if wanted.quota else []
    if wanted.booking_days is not None:
        values["odmailBookingDays"] = [str(wanted.booking_days)] if wanted.booking_days else []
    if wanted.telephone is not None:
        values["telephoneNumber"] = [wanted.telephone] if wanted.telephone else []
    if wanted.unlisted is not None:
        values["odmailUnlisted"] = flag(wanted.unlisted)
    if wanted.former is not None:
        values |= former_values(wanted.former)
    if values:
        admin.link.modify(post.dn, values)
        admin.changed("post-edited", post.id, fields=" ".join(sorted(values)))
    return admin.directory.post(post.id)
