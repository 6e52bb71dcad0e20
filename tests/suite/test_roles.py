"""The suite as several services on one machine, as `config/systemd/` has them: one data folder, one bus."""

import contextlib
import copy
from datetime import datetime, timedelta

from imapclient import IMAPClient

from odtest.daemon import Daemon, running, until

SASMITA = "sasmita.nayak@odisha.example"
BIBHUTI = "bibhuti.das@odisha.example"


def other(house: Daemon, *roles: str) -> Daemon:
    """Another supervisor on the same data."""
    daemon = copy.copy(house)
    daemon.process, daemon.roles, daemon.ports = None, roles, house.ports
    daemon.start()
    return daemon


def test_mail_travels_and_is_pushed_between_services_and_outlives_the_one_that_hosts_the_bus():
    with running(roles=("directory", "lmtp", "sink")) as house, contextlib.ExitStack() as services:
        soon = datetime.now().astimezone() + timedelta(days=5)
        house.odmail("person", "edit", BIBHUTI, "--expires", soon.isoformat())
        for roles in (("mx", "submission"), ("queue",), ("imap",)):
            services.callback(other(house, *roles).stop)
        assert house.awaited(BIBHUTI, house.send(SASMITA, BIBHUTI))
        with IMAPClient("localhost", house.ports["imaps"], ssl_context=house.tls()) as client:
            client.login(BIBHUTI, house.people[BIBHUTI].password)
            client.select_folder("INBOX")
            until(lambda: client.search(["SUBJECT", "Your account ends"]), "the notice comes without the role web")
            for restarted in (False, True):
                if restarted:
                    house.stop()
                    house.start()
                client.idle()

                def pushed() -> bool:
                    house.send(SASMITA, BIBHUTI)
                    return any(b"EXISTS" in row for row in client.idle_check(timeout=2))

                until(pushed, "push between services")
                client.idle_done()
