"""Composition: which part gets which, by plain constructor calls."""

from functools import cached_property, partial

from odcore.directory.model import AccountRef
from odcore.disk import Space
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.identity.rights import Rights
from odcore.ids import AccountId
from odcore.net.tls import client_context
from odcore.sms.gateway import HttpGateway
from odcore.sms.spool import Courier, Spool
from oddav.feeds.fetch import Web
from oddav.feeds.follower import Follower
from oddav.notes.bridge import Bridge
from oddav.push.notifier import Notifier
from oddav.push.service import Service
from oddav.radicale.visit import Visit
from oddav.scheduling.carrier import Carrier
from oddav.scheduling.leaving import Leaving
from oddav.store.model import Right
from oddav.store.ops.push import Subscription
from odmail.delivery.alarm import Alarm
from odmail.delivery.calendars import Invitations
from odmail.delivery.departure import Departure
from odmail.delivery.filtering import Filtering
from odmail.delivery.former import Former
from odmail.delivery.gates import Desk, Fullness, LmtpGate, MxGate, SubmissionGate
from odmail.delivery.imip import Imip
from odmail.delivery.inspection import Inspection
from odmail.delivery.letters import Letters
from odmail.delivery.local import LocalDelivery
from odmail.delivery.marks import Marks
from odmail.delivery.moderation import Moderation
from odmail.delivery.outgoing import Outgoing
from odmail.delivery.pace import Pace
from odmail.delivery.pipeline import Pipeline
from odmail.delivery.ports import RemoteSender
from odmail.delivery.programs import Programs, SiteScripts
from odmail.delivery.reach import Reach
from odmail.delivery.remote import RemoteDelivery
from odmail.delivery.routes import is_elsewhere
from odmail.delivery.secret import Secret
from odmail.delivery.settlement import Settlement
from odmail.delivery.srs import Rewriter
from odmail.delivery.steering import Steering
from odmail.delivery.unsubscribing import Unsubscribing
from odmail.filter import checks
from odmail.filter.check import Tools
from odmail.filter.memory import Memory
from odmail.filter.personal import Personal
from odmail.filter.training import Training
from odmail.history.store import History
from odmail.mailbox.api import MailAccount
from odmail.mailbox.chores import Chores
from odmail.mailbox.store import Store
from odmail.notes.folder import NotesFolder
from odmail.queue.store import SqliteQueue
from odmail.reports.dmarc_author import DmarcAuthor
from odmail.reports.intake import Intake
from odmail.reports.model import Kind as Reported
from odmail.reports.model import TlsSession
from odmail.reports.outbound import Outbound
from odmail.reports.store import Reports
from odmail.reports.tally import Tally
from odmail.reports.tls_author import TlsAuthor
from odmail.tenure.archive import Archive
from odmail.tenure.sealing import Sealing
from odmail.transport.fetch import Https
from odmail.transport.policies import Policies
from odmail.transport.post import Post
from odmail.trust.dkim_keys import Keys
from odmail.trust.dkim_sign import Signer
from odmail.trust.examine import House
from odsuite import addresses
from odsuite.groupware import Groupware
from odsuite.papers import papers
from odweb.usage import Usage


class Parts(Groupware):
    """The parts of one process that wait for disk or directory, each made when first asked for."""

    @property
    def sms(self) -> Spool:
        """Text messages that are to be sent."""
        return Spool(self.root / "sms")

    @cached_property
    def courier(self) -> Courier:
        """Sends them; one process of a node does it."""
        return Courier(self.sms, HttpGateway(self.settings.sms) if self.settings.sms.url else None)

    @cached_property
    def store(self) -> Store:
        """All mailboxes."""
        return self._keep(Store(self.root / "accounts", self.publish, self.settings.mailbox))

    @cached_property
    def tenures(self) -> Archive:
        """Sealed tenures of posts."""
        keep = self.settings.tenure.keep
        return self._keep(Archive(self.root / "tenures", self.trail.record, self.settings.mailbox, keep))

    @cached_property
    def sealing(self) -> Sealing:
        """Seals them; one process of a node does it."""
        held = partial(papers, self.collections, self.drives)
        return Sealing(self.directory, self.store, self.tenures, held)

    @cached_property
    def marks(self) -> Marks:
        """Of invitations that leave by mail."""
        return Marks(self.settings.name, Secret(self.root / "keys" / "invitations"))

    @cached_property
    def carrier(self) -> Carrier:
        """Carries invitations; one process of a node does it."""
        leaving = Leaving(Imip(self.marks, self.queue))
        return Carrier(self.collections, self.calendar_users, self.pending, leaving, self.mailed)

    @cached_property
    def notes(self) -> Bridge:
        """Keeps notes of apps of both kinds alike; one process of a node does it."""
        folder = NotesFolder(self.store, self._author, self.settings.name)
        return Bridge(
            self.collections,
            folder,
            self.calendar_users.account,
            lambda: {*self.store.accounts(), *self.collections.accounts()},
        )

    @cached_property
    def follower(self) -> Follower:
        """Fetches subscribed calendars; one process of a node does it."""
        allowed = self.settings.subscriptions
        web = Web(self.outside(allowed.hosts, allowed.networks))
        return Follower(self.collections, web, self.subscribers, self.root / "subscribed")

    @cached_property
    def notifier(self) -> Notifier:
        """Tells devices of changes; one process of a node does it."""
        contact = f"mailto:postmaster@{self.directory.default_domain()}"
        allowed = self.settings.push
        service = Service(self.outside(allowed.services, allowed.networks), self.push_keys, contact)
        return Notifier(self.collections, service, self.push_subscribers, self._may_hear)

    def _may_hear(self, account: AccountId, collection: str, to: Subscription) -> bool:
        try:
            person, signed_in = self.directory.person(to.person), self.directory.account(to.signed_in)
            principal = Principal(person, signed_in, to.device)
            if not self.sign_in.still_valid(principal):
                return False
            visit = Visit(principal, self.dav_house)
            return visit.right(visit.owner(account), collection) >= Right.READ
        except Fault as fault:
            if fault.kind is Kind.TRY_LATER:
                raise
            return False

    def _author(self, account: AccountId) -> tuple[str, str]:
        user = self.calendar_users.account(account)
        return user.name, user.addresses[0]

    @property
    def usage(self) -> Usage:
        """What everybody uses of their quotas."""
        return Usage(self.store, self.drives, self.settings.delivery.quota, self.settings.drive.quota)

    @cached_property
    def space(self) -> Space:
        """Is there room for more mail?"""
        return Space(self.root / "accounts", self.settings.delivery.least_free)

    @cached_property
    def chores(self) -> Chores:
        """Indexing and purging; one process of a node does them."""
        return Chores(self.store)

    @cached_property
    def queue(self) -> SqliteQueue:
        """This node's queue."""
        return self._keep(SqliteQueue(self.root / "queue", self.publish, self.history.note))

    @cached_property
    def history(self) -> History:
        """What became of each message."""
        return self._keep(History(self.root / "history"))

    @cached_property
    def local(self) -> LocalDelivery:
        """Into mailboxes."""
        programs = Programs(SiteScripts(self.root / "sieve"))
        former = Former(self.directory, self.settings.tenure)
        score = self.settings.filter.junk_score
        filtering = Filtering(self.settings.name, self.reach, programs, Outgoing(self.queue), score, former)
        return self._keep(LocalDelivery(self.store, self.settings.delivery.quota, filtering, self.personal))

    @cached_property
    def reach(self) -> Reach:
        """How far scripts may send mail."""
        return Reach(self.directory, self.settings.delivery.forward_to)

    @cached_property
    def reports(self) -> Reports:
        """Reports on DMARC and TLS."""
        return self._keep(Reports(self.root / "reports"))

    @cached_property
    def tally(self) -> Tally | None:
        """What others will be told; None when nobody is."""
        return self._keep(Tally(self.reports.seen)) if self.settings.reports.send else None

    @cached_property
    def outbound(self) -> Outbound:
        """Our reports to others."""
        host, resolver = self.settings.name, self.resolver
        authors = (DmarcAuthor(host, resolver), TlsAuthor(host, resolver))
        post = Post(self._elsewhere, client_context())
        return Outbound(host, self.directory.default_domain, self.queue, self.reports.seen, authors, post)

    @cached_property
    def rewriter(self) -> Rewriter:
        """Senders of mail that only passes through."""
        return Rewriter(self.root / "keys" / "srs", self.directory)

    @property
    def unsubscribing(self) -> Unsubscribing:
        """Links by which members outside leave a list."""
        return Unsubscribing(self.root / "keys" / "unsubscribe", partial(addresses.portal, self.settings))

    @property
    def personal(self) -> Personal:
        """What is junk to one account."""
        return Personal(self.memory, self.settings.filter.junk_score, self.settings.name)

    @cached_property
    def training(self) -> Training:
        """Learns from Junk; one process of a node does it."""
        return Training(self.memory, self.store, self.store.accounts(), self.settings.name)

    @property
    def dkim_keys(self) -> Keys:
        """What outgoing mail is signed with."""
        return Keys(self.root / "keys" / "dkim")

    @cached_property
    def _desk(self) -> Desk:
        settings = self.settings
        return Desk(
            settings.name,
            self.root / "queue",
            settings.delivery,
            self.directory,
            self.queue,
            self.rewriter.reverse,
            self.history.note,
        )

    def mx_gate(self, mailboxes: bool) -> MxGate:
        """A node with `mailboxes` refuses mail for full ones at once."""
        return MxGate(self._desk, Fullness(self.store) if mailboxes else None, self.inspection)

    @cached_property
    def policies(self) -> Policies:
        """How other domains want to be sent mail."""
        fetch = Https(self._elsewhere, client_context())
        return self._keep(Policies(self.root / "queue", self.resolver, fetch, note=self._policy_failed))

    def _policy_failed(self, domain: str, problem: str, reason: str) -> None:
        """For the TLS report to the domain.  RFC 8460 4.3.2.2"""
        if self.tally is not None:
            self.tally.note(Reported.TLS, domain, TlsSession("sts", (), "", "", problem, reason[:200]))

    def _elsewhere(self, host: str) -> tuple[str, ...]:
        """The addresses of a host that a stranger named."""
        return tuple(filter(is_elsewhere, self.resolver.addresses(host)))

    @cached_property
    def memory(self) -> Memory:
        """What is remembered of clients, senders and words."""
        return self._keep(Memory(self.root / "filter"))

    @cached_property
    def inspection(self) -> Inspection:
        """What mail from outside has to pass."""
        settings, is_ours = self.settings.filter, self.directory.is_ours
        house = House(self.settings.name, is_ours, frozenset(settings.sealers))
        tools = Tools(settings, self.memory, self.resolver if settings.dns else None, is_ours)
        threads = self.settings.process.threads
        return Inspection(house, tools, checks.load(), threads, self.history.note, self.tally)

    def submission_gate(self) -> SubmissionGate:
        """For people's own apps."""
        alarm = Alarm(self.directory, self.letters, self.trail.record)
        return SubmissionGate(self._desk, self.access, self.pace, alarm, self.inspection)

    @property
    def letters(self) -> Letters:
        """Mail the system writes to people."""
        return Letters(self.settings.name, self.directory, self.queue)

    @cached_property
    def pace(self) -> Pace:
        """How many recipients people write to."""
        return Pace(self.settings.delivery.recipients_per_hour, self.publish)

    def lmtp_gate(self) -> LmtpGate:
        """For programs of this machine."""
        return LmtpGate(self._desk, self.local)

    @cached_property
    def settlement(self) -> Settlement:
        """What follows from outcomes."""
        return Settlement(self.settings.name, self.settings.queue, self.queue, self.directory, self.history.note)

    def steering(self, actor: str, mine: Rights | None = None) -> Steering:
        """An administrator's hand on the queue. Fault DENIED for those whose rights do not reach so far."""
        return Steering(self.queue, self.settlement, self.trail.record, self.history.note, actor, mine)

    @property
    def moderation(self) -> Moderation:
        """Lets posts to moderated lists through, or not."""
        return Moderation(self.directory, self.queue, self.settlement, self.letters, self.trail.record)

    def pipeline(self, sender: RemoteSender) -> Pipeline:
        """The queue's worker; `sender` talks to other people's servers."""
        host, settings = self.settings.name, self.settings
        departure = Departure(Signer(self.dkim_keys), self.unsubscribing.link)
        remote = self._keep(
            RemoteDelivery(
                host,
                settings.delivery,
                sender,
                self.resolver,
                self.policies,
                departure,
                self.settlement,
                self.queue,
                self.rewriter.forward,
                self.tally,
            )
        )
        back = self.rewriter.reverse
        return Pipeline(
            self.queue,
            self.directory,
            self.local,
            remote,
            self.settlement,
            self._idle,
            back,
            Intake(self.reports),
            Invitations(self.mailed, self.marks),
            self.moderation,
        )

    def _idle(self) -> bool:
        """One small piece of what can wait."""
        return self.training.step() or self.chores.step() or self.drives.step()

    def open(self, account: AccountRef) -> MailAccount:
        """The mailbox of somebody who just signed in, with the quota the directory gives."""
        self.store.set_quota(account.id, account.quota or self.settings.delivery.quota)
        return self.store.open(account.id)
