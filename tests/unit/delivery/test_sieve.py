"""Scripts at delivery: mail goes where they say, nothing leaves the house, nothing is lost."""

import email
import email.policy

import pytest

from odcore.errors import Fault, Kind
from odmail.delivery import filtering
from odmail.delivery.judged import Judged, judge
from odmail.delivery.settings import DeliverySettings
from odmail.mailbox.api import SetMetadata
from odmail.mailbox.scripts import PutScript
from odmail.queue.model import Envelope, Origin, Recipient, Status
from odmail.queue.verdict import Finding, Verdict
from odtest.filters import LETTER, activate, another, arrive, deliver, post_room, sent, subjects
from odtest.postroom import BIBHU, SASMITA


@pytest.fixture
def room(tmp_path):
    made = post_room(tmp_path, delivery=DeliverySettings(least_free=0, forward_to=("nic.example",)))
    yield made
    made.close()


def test_without_a_script_mail_takes_the_plain_way(room, monkeypatch):
    """No plan is made."""
    monkeypatch.setattr(filtering.Filtering, "_plan", None)
    room.accept(LETTER, SASMITA.address)
    room.work()
    assert subjects(room) == ["hello"]


def test_fileinto_with_create_and_flags(room):
    """The mailbox is made, the flags are there."""
    deliver(
        room,
        'require ["fileinto", "mailbox", "imap4flags"];fileinto :create :flags ["\\\\Seen", "$Work"] "Work/New"; keep;',
    )
    assert subjects(room) == subjects(room, "Work/New") == ["hello"]
    assert room.store.open(SASMITA.id).mailbox("Work/New").unseen == 0


def test_fileinto_a_mailbox_that_is_missing(room):
    """The inbox has it, and that is what is told."""
    activate(room, 'require ["fileinto", "mailbox"]; fileinto "Nowhere"; fileinto :create "New"; fileinto "inbox";')
    outcome = arrive(room, None)
    assert (subjects(room), subjects(room, "New")) == (["hello"], ["hello"])
    assert outcome.text == "delivered to INBOX, delivered to New, there is no mailbox Nowhere"


def test_discard(room):
    """Nothing is kept, nobody hears of it."""
    deliver(room, "discard;")
    assert subjects(room) == []
    assert room.queue.list() == []
    assert sent(room) == []


def test_a_batch_is_one_transaction(room, monkeypatch):
    """However many letters and mailboxes."""
    activate(room, 'require "fileinto"; if header :contains "Subject" "odd" { fileinto "Archive"; }')
    calls = []
    account = type(room.store.open(SASMITA.id))
    plain = account.write
    monkeypatch.setattr(account, "write", lambda self, work: calls.append(self.id) or plain(self, work))
    for number in range(6):
        room.accept(another(LETTER.replace(b"hello", b"odd" if number % 2 else b"even")), SASMITA.address)
    room.work()
    assert calls == [SASMITA.id]
    assert (subjects(room), subjects(room, "Archive")) == (["even"] * 3, ["odd"] * 3)


def test_redirect_within_the_house(room):
    """The colleague gets it with the mark of its way; its sender stays its sender."""
    deliver(room, f'redirect "{BIBHU.address}";')
    assert subjects(room) == []
    (octets,) = room.messages(BIBHU)
    assert b"X-Sieve-Redirected-From: sasmita.nayak@odisha.example\r\nFrom: Anjali" in octets


def test_a_redirected_message_that_must_travel_by_tls_still_must(room):
    activate(room, 'redirect "x@nic.example";')
    room.names.hosts["nic.example"] = ("192.0.2.9",)
    room.accept(LETTER, SASMITA.address, requiretls=True)
    room.work()
    [(shipment, _)] = room.peers.got
    assert shipment.envelope.requiretls


def test_a_large_message_is_redirected_whole(room):
    """The body is streamed from its file."""
    large = LETTER + b"x" * 70 + b"\r\n" + b"y" * 200_000 + b"\r\n"
    deliver(room, f'redirect "{BIBHU.address}";', large)
    (octets,) = room.messages(BIBHU)
    assert octets.endswith(large)


def test_what_was_found_out_about_a_message_travels_with_a_redirect(room):
    """Junk is the colleague's junk, too."""
    activate(room, f'redirect "{BIBHU.address}";')
    arrive(room, Verdict((), 20.0, junk=True))
    room.work()
    assert (subjects(room, ref=BIBHU), subjects(room, "Junk", BIBHU)) == ([], ["hello"])


_WHERE = """require ["environment", "variables", "fileinto", "mailbox"];
if environment :matches "remote-ip" "*" { set "ip" "${1}"; }
if environment :matches "remote-host" "*" { set "host" "${1}"; }
fileinto :create "ip (${ip}) host (${host})";
"""


def where(room, origin):
    """What a script learns of the client that brought a message: the name of the folder it makes."""
    activate(room, _WHERE)
    room.accept(another(), SASMITA.address, origin=origin)
    room.work()
    boxes = [each for each in room.store.open(SASMITA.id).mailboxes() if each.name.startswith("ip ") and each.exists]
    return boxes[-1].name


def test_scripts_know_the_client_that_brought_a_message(room):
    """Also in the queue worker, long after it has gone; its name in the DNS as people write it."""
    named = Verdict((Finding("iprev", "pass", name="MX.xn--8gcz5b7fpa.example."),))
    assert (
        where(room, Origin("mx", "192.0.2.7", "liar.example", verdict=named)) == "ip (192.0.2.7) host (mx.ଓଡ଼ିଆ.example)"
    )


def test_a_name_that_does_not_lead_back_is_none(room):
    """What a client calls itself in HELO is not what it is called."""
    named = Verdict((Finding("iprev", "fail"),))
    assert where(room, Origin("mx", "fe80::7%eth0", "liar.example", verdict=named)) == "ip (fe80::7) host ()"


def test_where_our_own_people_sit_is_nobodys_business(room):
    """As in Received."""
    assert where(room, Origin("submission", "192.0.2.9", "phone", person=BIBHU.id)) == "ip () host ()"


def full(room, monkeypatch):
    """The queue takes nothing more."""

    def refuse(options):
        raise Fault(Kind.LIMIT, "The disk is nearly full.")

    monkeypatch.setattr(room.queue, "accept", refuse)


def test_a_redirect_that_the_queue_does_not_take_waits_with_its_message(room, monkeypatch):
    """Nothing is lost, and nothing is filed meanwhile that would come twice."""
    activate(room, f'require "copy"; redirect :copy "{BIBHU.address}";')
    full(room, monkeypatch)
    assert arrive(room, Verdict()).status is Status.WAITING
    assert subjects(room) == []
    monkeypatch.undo()
    assert arrive(room, Verdict()).status is Status.DELIVERED
    room.work()
    assert (subjects(room), subjects(room, ref=BIBHU)) == (["hello"], ["hello"])


def test_an_answer_that_the_queue_does_not_take_costs_no_second_copy(room, monkeypatch):
    """The message is delivered, once."""
    activate(room, 'require "vacation"; vacation "away";')
    full(room, monkeypatch)
    assert arrive(room, Verdict()).status is Status.DELIVERED
    assert subjects(room) == ["hello"]


def test_redirects_in_a_circle_end(room):
    """Both keep going until the message has been here: then it is kept."""
    activate(room, f'redirect "{SASMITA.address}";', BIBHU)
    deliver(room, f'redirect "{BIBHU.address}";')
    assert subjects(room) == ["hello"]
    assert subjects(room, ref=BIBHU) == []


def test_redirect_to_the_outside_is_refused_when_it_is_run(room):
    """The message is kept, and the owner is told once."""
    activate(room, 'redirect "me@private.example";')
    for _ in range(2):
        room.accept(another(), SASMITA.address)
        room.work()
    assert sorted(subjects(room)) == ["Your mail filter has an error", "hello", "hello"]
    assert sent(room) == []
    assert any(b"me@private.example is outside" in octets for octets in room.messages(SASMITA))


def test_a_redirect_is_not_repeated_while_the_mailbox_is_full(room):
    """Attempts go on, the colleague gets one copy."""
    room.store.set_quota(SASMITA.id, 10)
    room.local._quotas[SASMITA.id] = 0
    deliver(room, f'require "copy"; redirect :copy "{BIBHU.address}";')
    (waiting,) = room.queue.list()
    room.queue.retry([waiting.id])
    room.work()
    assert subjects(room, ref=BIBHU) == ["hello"]
    room.store.set_quota(SASMITA.id, 0)
    room.queue.retry([waiting.id])
    room.work()
    assert (subjects(room), subjects(room, ref=BIBHU)) == (["hello"], ["hello"])


def test_reject_is_reported_to_the_sender(room):
    """By a report from the null reverse-path, as for any failure."""
    deliver(room, 'require "reject"; reject "I do not take\nsuch mail";')
    assert subjects(room) == []
    ((to, report),) = sent(room)
    assert to == "a@peer.example"
    assert "I do not take such mail" in report.as_string()
    assert report.get_content_type() == "multipart/report"


def test_reject_makes_no_backscatter(room):
    """Who surely did not send it hears nothing."""
    activate(room, 'require "ereject"; ereject "no";')
    outcome = arrive(room, Verdict((Finding("spf", "fail"),)))
    assert outcome.status is Status.DELIVERED
    assert subjects(room) == []


def test_reject_at_lmtp_refuses_at_once(room):
    """550 while the other side still listens."""
    activate(room, 'require "reject"; reject "no such mail";')
    inbound = room.lmtp.receive(_envelope(SASMITA.address, BIBHU.address), Origin("lmtp"), None)
    inbound.write(LETTER)
    first, second = inbound.finish().faults
    assert isinstance(first, Fault)
    assert (first.kind, first.text) == (Kind.DENIED, "no such mail")
    assert second is None


def test_junk_goes_to_junk(room):
    """Unless a script says keep."""
    judged = Verdict((), 20.0, junk=True)
    arrive(room, judged)
    assert (subjects(room), subjects(room, "Junk")) == ([], ["hello"])
    activate(room, 'require "vacation"; vacation "x";')
    arrive(room, judged)
    assert (subjects(room), subjects(room, "Junk"), sent(room)) == ([], ["hello", "hello"], [])
    activate(room, "keep;")
    arrive(room, judged)
    assert (subjects(room), subjects(room, "Junk")) == (["hello"], ["hello", "hello"])


def test_spamtest_reads_the_verdict(room):
    """A score above that of junk is 8 of 10."""
    activate(
        room,
        'require ["spamtest", "relational", "comparator-i;ascii-numeric", "fileinto"];'
        'if spamtest :value "ge" :comparator "i;ascii-numeric" "8" { fileinto "Trash"; }',
    )
    arrive(room, Verdict((), 7.2, junk=False))
    assert subjects(room, "Trash") == ["hello"]


def test_notify_by_mail(room):
    """To a colleague, from the owner; a notice of a notice is none."""
    script = f'require "enotify"; notify :importance "1" :message "New: urgent" "mailto:{BIBHU.address}";'
    deliver(room, script)
    (octets,) = room.messages(BIBHU)
    notice = email.message_from_bytes(octets, policy=email.policy.default)
    assert (notice["Subject"], notice["Auto-Submitted"]) == ("New: urgent", "auto-notified")
    assert (notice["From"], notice["Importance"]) == ('"sasmita.nayak" <sasmita.nayak@odisha.example>', "High")
    room.accept(octets, SASMITA.address)
    room.work()
    assert len(room.messages(BIBHU)) == 1


def test_the_edited_message_is_the_one_that_is_kept(room):
    """addheader and deleteheader show in the mailbox; the body is as it was."""
    deliver(room, 'require "editheader"; deleteheader "Subject"; addheader "Subject" "[list] hello";')
    (octets,) = room.messages(SASMITA)
    assert subjects(room) == ["[list] hello"]
    assert octets.endswith(b"\r\n\r\nbody\r\n")


def test_duplicates_are_found_in_a_batch_and_later(room):
    """The account's database remembers."""
    activate(room, 'require "duplicate"; if duplicate { discard; }')
    for _ in range(2):
        room.accept(another(), SASMITA.address)
    room.work()
    room.accept(another(), SASMITA.address)
    room.work()
    assert subjects(room) == ["hello"]


def test_the_sites_scripts_run_before_and_after(room):
    """While the implicit keep is in force; an error in one of them is the administrator's."""
    room.site.mkdir()
    (room.site / "before.sieve").write_text('require "editheader"; addheader "X-Before" "1";')
    (room.site / "after.sieve").write_text('require "fileinto"; fileinto "Archive";')
    deliver(room, 'if header :contains "Subject" "mine" { keep; }')
    assert subjects(room, "Archive") == ["hello"]
    assert b"X-Before: 1" in room.messages(SASMITA, "Archive")[0]
    room.accept(LETTER.replace(b"hello", b"mine"), SASMITA.address)
    room.work()
    assert subjects(room) == ["mine"]
    (room.site / "after.sieve").write_text("frobnicate;")
    room.accept(LETTER, BIBHU.address)
    room.work()
    assert subjects(room, ref=BIBHU) == ["hello"]


def test_include_of_the_sites_and_ones_own(room):
    """By name, never by path."""
    room.site.mkdir()
    (room.site / "lists.sieve").write_text('require "fileinto"; fileinto "Archive";')
    (room.folder / "secret.sieve").write_text("discard;")
    room.store.open(SASMITA.id).put_script(PutScript("part", 'require "include"; include :global "lists";'))
    deliver(room, 'require "include"; include "part"; include :global :optional "../secret";')
    assert subjects(room, "Archive") == ["hello"]


def test_a_script_that_is_no_longer_valid_loses_nothing(room):
    """The message is kept and the owner told."""
    deliver(room, "frobnicate;")
    assert sorted(subjects(room)) == ["Your mail filter has an error", "hello"]


def test_scripts_that_cost_too_much_rest(room, monkeypatch):
    """Mail is kept meanwhile."""
    monkeypatch.setattr(filtering.limits, "CPU", 0.0)
    deliver(room, "discard;")
    room.accept(another(), SASMITA.address)
    room.work()
    assert subjects(room).count("hello") == 1
    assert "Your mail filter has an error" in subjects(room)


def test_a_new_script_counts_at_once(room):
    """Compiled scripts are kept by their version."""
    deliver(room, "discard;")
    deliver(room, "keep;", another())
    assert subjects(room) == ["hello"]


def test_plus_detail_and_the_envelope(room):
    """The usual place of a detail stays; scripts see it."""
    room.store.open(SASMITA.id)
    deliver(
        room,
        'require ["envelope", "subaddress", "imap4flags"];'
        'if envelope :detail "to" "archive" { setflag "\\\\Flagged"; }',
        to="sasmita.nayak+archive@odisha.example",
    )
    assert subjects(room, "Archive") == ["hello"]


def test_scripts_see_what_imap_annotated(room):
    """RFC 5464 entries of a mailbox."""
    account = room.store.open(SASMITA.id)
    account.set_metadata(SetMetadata("INBOX", {"/private/vendor/odmail/away": b"yes"}))
    script = """require ["mboxmetadata", "fileinto"];
    if metadata "INBOX" "/private/vendor/odmail/away" "yes" { fileinto "Archive"; }
    if metadataexists "INBOX" "/private/vendor/odmail/nothing" { discard; }"""
    deliver(room, script)
    assert subjects(room, "Archive") == ["hello"]


def _envelope(*recipients):
    return Envelope("a@peer.example", tuple(map(Recipient, recipients)))


def test_what_a_verdict_means_to_scripts() -> None:
    """What passed no checks is our own; whom SPF or DMARC vouches for may be told of a refusal."""
    assert judge(None, 5.0) == Judged(junk=False, spam=None, virus=None, answerable=True)
    found = Verdict((Finding("spf", "fail"), Finding("dmarc", "pass"), Finding("clamav", "clean")), 0.0)
    assert judge(found, 5.0) == Judged(junk=False, spam=0.0, virus=1, answerable=True)
    assert not judge(Verdict((Finding("spf", "softfail"),)), 5.0).answerable
