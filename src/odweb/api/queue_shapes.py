"""What goes in and out of the queue's part of the API, as the schema tells it."""

from datetime import UTC, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import AwareDatetime, Field

from odmail.history import trace
from odmail.queue import model
from odweb.api.shapes import Given

Looked = Annotated[str, Field(max_length=320)]
"""What is searched for."""

Most = Annotated[int, Field(ge=1, le=1000)]
"""How many answers at most."""

Instant = AwareDatetime
"""With its time zone."""


class Recipient(Schema):
    """Where delivery stands; `due` is when it is tried next."""

    address: str
    status: model.Status
    attempts: int
    due: datetime
    reply: str

    @classmethod
    def of(cls, found: model.QueuedRecipient) -> "Recipient":
        return cls(
            address=found.recipient.address,
            status=found.status,
            attempts=found.attempts,
            due=_time(found.due),
            reply=found.last_reply,
        )


class Queued(Schema):
    """A message, without its content. `person` submitted it, if anybody did; `via` is the server it was rerouted to."""

    id: str
    accepted: datetime
    size: int
    sender: str
    service: str
    client: str
    person: str | None
    via: str
    recipients: list[Recipient]

    @classmethod
    def of(cls, found: model.Queued) -> "Queued":
        return cls(
            id=found.id,
            accepted=_time(found.accepted),
            size=found.size,
            sender=found.envelope.sender,
            service=found.origin.service,
            client=found.origin.address,
            person=found.origin.person,
            via=found.envelope.route,
            recipients=[Recipient.of(each) for each in found.recipients],
        )


class Destination(Schema):
    """A domain or the relay: `waiting` recipients, its state until when, and what it turned us away with."""

    name: str
    state: model.State
    at_once: int
    until: datetime | None
    reply: str
    waiting: int

    @classmethod
    def of(cls, found: model.Destination) -> "Destination":
        return cls(
            name=found.name,
            state=found.state,
            at_once=found.at_once,
            until=_time(found.until) if found.until else None,
            reply=found.reply,
            waiting=found.waiting,
        )


class Chosen(Given):
    """Ids of messages."""

    messages: Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(min_length=1, max_length=1000)]


class GivenBack(Chosen):
    """`reason` is what the report says."""

    reason: Annotated[str, Field(min_length=1, max_length=500)] = "returned by the postmaster"


class Rerouted(Chosen):
    """`via` is "mail2.example:25", or empty."""

    via: Annotated[str, Field(max_length=300)]


class Done(Schema):
    """For how many messages something was done."""

    count: int


class Step(Schema):
    """What happened, and the facts and reasons of it."""

    at: datetime
    what: str
    facts: dict[str, Any]


class Story(Schema):
    """One message, or a session that brought none."""

    id: str
    steps: list[Step]

    @classmethod
    def of(cls, found: trace.Story) -> "Story":
        return cls(
            id=found.id,
            steps=[Step(at=_time(each.at), what=each.what, facts=dict(each.facts)) for each in found.events],
        )


def _time(instant: float) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
