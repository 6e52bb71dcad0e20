"""What goes in and out, as the schema tells it."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from odcore.directory import model
from odweb.apply.models import Application

Text = Annotated[str, Field(max_length=200)]
Wanted = Annotated[str, Field(min_length=2, max_length=100)]
"""What is searched for."""


class Given(Schema):
    """What is sent: a field nobody knows is an error, not something to be passed over."""

    model_config = ConfigDict(extra="forbid")


class Problem(Schema):
    """Why something was not done."""

    kind: str
    text: str


class Office(Schema):
    """`parent` is an id."""

    id: str
    short: str
    name: str
    names: dict[str, str]
    parent: str | None

    @classmethod
    def of(cls, found: model.Office) -> "Office":
        return cls(id=found.id, short=found.ou, name=found.name, names=found.names, parent=found.parent)


class Person(Schema):
    """A person. `office` is an id; `expires` the day the account ends."""

    id: str
    uid: str
    name: str
    names: dict[str, str]
    addresses: list[str]
    active: bool
    title: str
    office: str | None
    mobile: str
    telephone: str
    unlisted: bool
    employee: str
    contractor: bool
    expires: datetime | None

    @classmethod
    def of(cls, found: model.Person) -> "Person":
        return cls(
            id=found.id,
            uid=found.uid,
            name=found.name,
            names=found.names,
            addresses=list(found.addresses),
            active=found.state is model.State.ACTIVE,
            title=found.title,
            office=found.office,
            mobile=found.mobile,
            telephone=found.telephone,
            unlisted=found.unlisted,
            employee=found.employee_number,
            contractor=found.contractor,
            expires=found.expires,
        )


class NewPerson(Given):
    """Judged as a row of a sheet is; `address` is the local part wished, else one by the naming rules."""

    name: Text
    odia: Text = ""
    employee: Annotated[str, Field(min_length=1, max_length=64)]
    title: Text = ""
    office: Text
    mobile: Annotated[str, Field(max_length=40)] = ""
    expires: date | None = None
    contract: bool = False
    address: Annotated[str, Field(max_length=64)] = ""


class PersonChange(Given):
    """What is not there stays."""

    name: Text | None = None
    title: Text | None = None
    office: Text | None = None
    mobile: Annotated[str, Field(max_length=40)] | None = None
    telephone: Annotated[str, Field(max_length=40)] | None = None
    unlisted: bool | None = None
    expires: date | None = None
    active: bool | None = None


class Charge(Schema):
    """`person` held the post from `start` until `end`."""

    person: str
    start: datetime
    end: datetime | None
    order: str
    kind: str

    @classmethod
    def of(cls, found: model.Charge) -> "Charge":
        return cls(person=found.person, start=found.start, end=found.end, order=found.order, kind=found.kind)


class Post(Schema):
    """A post and all its charges, oldest first."""

    id: str
    short: str
    title: str
    names: dict[str, str]
    addresses: list[str]
    active: bool
    office: str | None
    former: str
    charges: list[Charge]

    @classmethod
    def of(cls, found: model.Post) -> "Post":
        return cls(
            id=found.id,
            short=found.cn,
            title=found.title,
            names=found.names,
            addresses=list(found.addresses),
            active=found.state is model.State.ACTIVE,
            office=found.office,
            former=found.former or "site",
            charges=[Charge.of(each) for each in found.charges],
        )


class NewPost(Given):
    """A post, vacant until somebody is given charge. `short` becomes its address in the default domain."""

    short: Annotated[str, Field(min_length=1, max_length=64)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    odia: Text = ""
    office: Annotated[str, Field(min_length=1, max_length=200)]


class NewCharge(Given):
    """`how`: over (handed over), beside (one more holder), vacant (`to` is the link officer, if any), relieved.

    `former`: what mail for the former holder does besides; null leaves the post's rule as it is.
    """

    how: Literal["over", "beside", "vacant", "relieved"] = "over"
    to: Text = ""
    order: Annotated[str, Field(min_length=1, max_length=100)]
    at: datetime | None = None
    kind: model.ChargeKind = model.ChargeKind.REGULAR
    former: model.FormerRule | Literal["site"] | None = None


class Applied(Schema):
    """An application. `account` is the id of the person it became."""

    key: str
    reference: str
    state: str
    name: str
    odia: str
    employee: str
    title: str
    office: str
    mobile: str
    contract: bool
    expires: date
    address: str
    sent: datetime | None
    due: datetime | None
    reason: str
    account: str

    @classmethod
    def of(cls, found: Application) -> "Applied":
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


class Decision(Given):
    """A refusal needs a reason."""

    approve: bool
    reason: Annotated[str, Field(max_length=500)] = ""
