"""`odmail queue` and `odmail dkim` from the command line: what is printed, what is done."""

import json
import re

import msgspec
import pytest
from click.testing import CliRunner

from odcore.audit.trail import Trail
from odcore.blob.incoming import Memory
from odcore.errors import Fault
from odcore.identity.rights import Rights
from odmail.delivery.settlement import Settlement
from odmail.delivery.steering import Steering
from odmail.history.model import Event
from odmail.queue.api import Accept
from odmail.queue.model import Destination, Envelope, Origin, Recipient, State, Status
from odmail.queue.settings import QueueSettings
from odmail.queue.store import SqliteQueue
from odmail.trust.dkim_keys import Keys
from odsuite.cli import dkim, queue
from odtest.postroom import HOST, Town
from odtest.zone import Zone


class Desk(msgspec.Struct):
    """As much of `odsuite.cli.context.Context` as these commands use."""

    queue: SqliteQueue
    dkim_keys: Keys
    steering: Steering
    resolver: Zone = msgspec.field(default_factory=Zone)
    audit: Trail = None
    actor: str = "cli:test"
    told: list[Event] = msgspec.field(default_factory=list)


@pytest.fixture
def desk(tmp_path):
    spool = SqliteQueue(tmp_path / "queue", lambda message: None)
    made = Desk(spool, Keys(tmp_path / "dkim"), None)
    made.audit = Trail(tmp_path / "audit")
    settlement = Settlement(HOST, QueueSettings(), spool, Town())
    made.steering = Steering(spool, settlement, made.audit.record, made.told.append, "cli:test")
    yield made
    made.audit.close()
    made.queue.close()


@pytest.fixture
def name(desk) -> str:
    envelope = Envelope("a@peer.example", (Recipient("u@odisha.example"),))
    return desk.queue.accept(Accept(envelope, Origin("mx"), Memory(b"Subject: x\r\n\r\nbody\r\n")))


def run(command, desk, *words: str, code: int = 0) -> str:
    result = CliRunner().invoke(command, words, obj=desk)
    assert result.exit_code == code, (result.output, result.exception)
    if isinstance(result.exception, Fault):
        raise result.exception
    return result.output


def test_list_shows_a_table_or_json(desk, name):
    assert name in run(queue.command, desk, "list")
    (found,) = json.loads(run(queue.command, desk, "list", "--json"))
    assert (found["id"], found["recipients"][0]["status"]) == (name, "waiting")
    assert json.loads(run(queue.command, desk, "list", "nobody", "--json")) == []
    assert json.loads(run(queue.command, desk, "list", "--status", "held", "--json")) == []


def test_destinations_tell_where_mail_waits_and_who_turned_us_away(desk, name):
    desk.queue.note_destinations([Destination("peer.example", State.NARROWED, 2, 4_000_000_000, "421 4.7.0 too many")])
    printed = run(queue.command, desk, "destinations")
    assert re.search(r"odisha\.example +│ 1 +│ open", printed)
    assert re.search(r"peer\.example +│ 0 +│ narrowed to 2 +│ 2096-.*421 4\.7\.0 too many", printed)
    found = json.loads(run(queue.command, desk, "destinations", "--json", "--most", "1"))
    assert [(each["name"], each["state"]) for each in found] == [
        ("odisha.example", "open"),
        ("peer.example", "narrowed"),
    ]


def test_show_tells_all_and_gives_the_content(desk, name):
    assert json.loads(run(queue.command, desk, "show", name, "--json"))["envelope"]["sender"] == "a@peer.example"
    assert "u@odisha.example" in run(queue.command, desk, "show", name)
    assert "body" in run(queue.command, desk, "show", name, "--content")


def test_hold_release_retry_and_delete(desk, name):
    assert run(queue.command, desk, "hold", name) == "1 held\n"
    assert desk.queue.show(name).recipients[0].status is Status.HELD
    assert run(queue.command, desk, "release", "--all") == "1 released\n"
    assert run(queue.command, desk, "retry", name, "gone") == "1 due now\n"
    assert run(queue.command, desk, "delete", name, "--yes") == "1 deleted\n"
    assert desk.queue.list() == []


def test_bounce_gives_a_message_back_to_its_sender(desk, name):
    assert run(queue.command, desk, "bounce", name, "--reason", "not today", "--yes").endswith("1 given back\n")
    [report] = desk.queue.list()
    assert (report.envelope.sender, report.recipients[0].recipient.address) == ("", "a@peer.example")
    assert "not today" in run(queue.command, desk, "show", report.id, "--content")


def test_what_has_left_the_queue_does_not_keep_others_from_being_bounced_and_audited(desk, name):
    assert run(queue.command, desk, "bounce", name, "gone", "--yes").endswith("1 given back\n")
    assert [each.event for each in desk.audit.events()] == ["queue-bounced"]


def test_reroute_names_another_server_and_takes_it_back(desk, name):
    assert run(queue.command, desk, "reroute", name, "--via", "[2001:db8::1]:26") == "1 rerouted\n"
    assert desk.queue.show(name).envelope.route == "[2001:db8::1]:26"
    assert run(queue.command, desk, "reroute", "--all", "--by-mx") == "1 rerouted\n"
    assert desk.queue.show(name).envelope.route == ""
    run(queue.command, desk, "reroute", name, code=2)
    with pytest.raises(Fault, match="no server"):
        run(queue.command, desk, "reroute", name, "--via", "nonsense", code=1)


def test_what_is_done_is_audited_and_told(desk, name):
    for words in (("hold",), ("release",), ("retry",), ("show", "--content"), ("bounce", "--yes")):
        run(queue.command, desk, words[0], name, *words[1:])
    run(queue.command, desk, "hold", "gone")
    rows = [(each.event, each.actor, each.subject) for each in desk.audit.events()]
    done = ("queue-held", "queue-released", "queue-retried", "queue-read", "queue-bounced")
    assert rows == [(event, "cli:test", name) for event in done]
    assert [(each.id, each.what) for each in desk.told] == [
        (name, what) for what in ("held", "released", "retried", "bounced")
    ]


def test_only_who_administers_everything_may_touch_the_queue(desk):
    with pytest.raises(Fault):
        Steering(desk.queue, None, desk.audit.record, desk.told.append, "p", Rights(frozenset({"khordha"})))
    assert Steering(desk.queue, None, desk.audit.record, desk.told.append, "p", Rights(agency=True)).list() == []


def test_an_action_names_its_messages(desk, name):
    run(queue.command, desk, "delete", code=2)
    run(queue.command, desk, "hold", name, "--all", code=2)
    assert desk.queue.show(name).recipients[0].status is Status.WAITING


def test_deleting_asks_first(desk, name):
    result = CliRunner().invoke(queue.command, ["delete", name], obj=desk, input="n\n")
    assert result.exit_code == 1
    assert len(desk.queue.list()) == 1


def test_dkim_generates_a_pair_and_shows_its_records(desk):
    printed = run(dkim.command, desk, "generate", "Odisha.example.", "--selector", "s1")
    assert printed.count("._domainkey.odisha.example. IN TXT") == 2
    assert all(len(piece) <= 255 for piece in printed.split('"')[1::2])
    records = json.loads(run(dkim.command, desk, "show", "odisha.example", "--json"))
    assert {record["name"] for record in records} == {"s1r._domainkey.odisha.example", "s1e._domainkey.odisha.example"}
    assert all(record["text"].startswith("v=DKIM1; h=sha256; k=") for record in records)


def test_dkim_rotates_when_the_dns_shows_the_records_it_printed(desk):
    run(dkim.command, desk, "generate", "odisha.example", "--selector", "s1")
    with pytest.raises(Fault, match="rotate"):
        run(dkim.command, desk, "generate", "odisha.example", code=1)
    printed = run(dkim.command, desk, "rotate", "odisha.example")
    assert "Nothing was changed" in run(dkim.command, desk, "rotate", "odisha.example", code=1)
    for line in printed.splitlines():
        if " IN TXT " in line:
            name, _, rest = line.partition(". IN TXT ")
            desk.resolver.add(name, "TXT", "".join(rest.split('"')[1::2]))
    assert "signed with the new keys" in run(dkim.command, desk, "rotate", "odisha.example")
    assert "under way" in run(dkim.command, desk, "rotate", "odisha.example")
    found = {row["selector"]: row["state"] for row in json.loads(run(dkim.command, desk, "list", "--json"))}
    assert (found.pop("s1r"), found.pop("s1e")) == ("retired", "retired")
    assert list(found.values()) == ["signs", "signs"]
    events = [event.event for event in desk.audit.events()]
    assert events == ["dkim-generated", "dkim-made", "dkim-switched"]
