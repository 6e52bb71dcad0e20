"""The queue worker: takes what is due from the queue and delivers it, here or elsewhere."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Thread
from typing import NoReturn, Protocol

from odcore.bus.api import DirectoryChanged, QueueWork
from odcore.sms.spool import Courier
from oddav.scheduling.hint import SchedulingWork
from oddav.store.model import CollectionHint
from odmail.mailbox.changes import Hint
from odmail.smtp.sender import Sender
from odsuite.build import Parts
from odsuite.duties import Duties
from odsuite.process import Process, run
from odsuite.rhythm import flush_tally, hourly

_PATIENCE = 10.0
"""Seconds a stop waits for conversations with other servers; what is cut short will be tried again."""

_SECOND = 1.0


class _Worker(Protocol):
    """What has a thread of its own."""

    def run(self) -> None:
        """Until stopped."""

    def stop(self) -> None:
        """From any thread."""


async def start(process: Process) -> None:
    """One thread leases and delivers here; those of `RemoteDelivery` talk to the outside."""
    parts = Parts(process.settings, process.bus.publish)
    sender = Sender(process.settings.sending, process.settings.name, process.reactor)
    pipeline = parts.pipeline(sender)
    process.bus.subscribe(DirectoryChanged, lambda changed: _changed(parts, changed))
    process.bus.subscribe(Hint, parts.chores.note)
    process.bus.subscribe(Hint, parts.training.note)
    process.bus.subscribe(QueueWork, lambda _: pipeline.wake())
    courier = parts.courier  # a gateway that is configured wrongly is told now
    await process.hop.call(pipeline.recover)
    process.every(_SECOND, lambda: process.spawn(_carry(process, courier)))
    process.every(_SECOND, lambda: process.spawn(_seal(process, parts)))
    carrier = parts.carrier
    process.bus.subscribe(SchedulingWork, lambda work: carrier.wake(work.account))
    notes = parts.notes
    process.bus.subscribe(Hint, lambda hint: notes.note_mail(hint.account, hint.mailbox))
    process.bus.subscribe(CollectionHint, lambda hint: notes.note(hint.account))
    workers: dict[str, _Worker] = {
        "queue": pipeline,
        "scheduling": carrier,
        "notes": notes,
        "subscriptions": parts.follower,
        "duties": Duties(parts),
    }
    if process.settings.push.services:
        notifier = workers["push"] = parts.notifier
        process.bus.subscribe(CollectionHint, lambda hint: notifier.note(hint.account))
    threads = [Thread(target=worker.run, name=name) for name, worker in workers.items()]
    for thread in threads:
        thread.start()
    hourly(process, lambda: _hourly(process, parts))
    flush_tally(process, parts)

    async def end() -> None:
        await process.hop.call(_finish, workers.values(), threads)
        breaking_off = process.reactor.callLater(_PATIENCE, sender.stop)
        await process.hop.call(parts.close)
        if breaking_off.active():
            breaking_off.cancel()

    process.at_stop(end)


async def _hourly(process: Process, parts: Parts) -> None:
    await process.hop.call(parts.policies.refresh)
    await process.hop.call(parts.reports.forget)
    await process.hop.call(parts.history.expire)
    parts.sealing.everything()
    if process.settings.reports.send:
        await process.hop.call(parts.outbound.send_due)


def _changed(parts: Parts, changed: DirectoryChanged) -> None:
    parts.directory.changed(frozenset(changed.ids))
    parts.sealing.note(changed.ids)


async def _seal(process: Process, parts: Parts) -> None:
    await process.hop.call(parts.sealing.run)


async def _carry(process: Process, courier: Courier) -> None:
    await process.hop.call(courier.run)


def _finish(workers: Iterable[_Worker], threads: list[Thread]) -> None:
    for worker in workers:
        worker.stop()
    for thread in threads:
        thread.join()


def main(name: str, config: Path, sockets: Sequence[tuple[str, int]]) -> NoReturn:
    """As the nursery calls it."""
    run(start, name, config, sockets)
