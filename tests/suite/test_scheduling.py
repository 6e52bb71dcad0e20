"""Officers invite each other with python-caldav, over TLS."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from odtest.daemon import running, until
from odtest.dav import calendar, client, event, kept, line

ANNA, BIBHUTI, ABDUL = (f"{each}@odisha.example" for each in ("sasmita.nayak", "bibhuti.das", "abdul.rahim"))


def test_an_officer_invites_another_who_accepts_with_a_program(house):
    with client(house, ANNA) as anna, client(house, BIBHUTI) as bibhuti:
        assert bibhuti.principal().get_vcal_address().lower() == f"mailto:{BIBHUTI}"
        calendar(anna).save_with_invites(event("suite-1"), [f"mailto:{BIBHUTI}", f"mailto:{ABDUL}"])
        until(lambda: kept(bibhuti, "suite-1"), "the invitation is in the calendar")
        inbox = bibhuti.principal().schedule_inbox()
        [note] = [each for each in inbox.get_items() if "suite-1" in each.data]
        assert note.is_invite_request()
        note.accept_invite(calendar(bibhuti))
        answered = lambda: "PARTSTAT=ACCEPTED" in line(kept(anna, "suite-1"), BIBHUTI)  # noqa: E731
        until(answered, lambda: kept(anna, "suite-1"))
        mine = calendar(anna).event_by_uid("suite-1")
        mine.data = mine.data.replace("T103000", "T113000")
        mine.save()
        until(lambda: "T113000" in kept(bibhuti, "suite-1"), lambda: kept(bibhuti, "suite-1"))
        assert "PARTSTAT=NEEDS-ACTION" in line(kept(bibhuti, "suite-1"), BIBHUTI)
        calendar(anna).event_by_uid("suite-1").delete()
        until(lambda: "STATUS:CANCELLED" in kept(bibhuti, "suite-1"), lambda: kept(bibhuti, "suite-1"))


def test_a_post_invites_and_the_answer_is_in_its_calendar(house):
    with client(house, ANNA) as anna, client(house, BIBHUTI) as bibhuti:
        name = next(
            str(each.url).rstrip("/").rpartition("/")[2]
            for each in anna.principal().calendars()
            if str(each.url).rstrip("/").endswith("~calendar")
        )
        calendar(anna, name).save_with_invites(event("suite-2"), [f"mailto:{BIBHUTI}"])
        until(lambda: kept(bibhuti, "suite-2"), "the invitation is in the calendar")
        assert ":mailto:collector.khordha@odisha.example" in kept(bibhuti, "suite-2")
        mine = calendar(bibhuti).event_by_uid("suite-2")
        mine.change_attendee_status(partstat="TENTATIVE")
        mine.save(increase_seqno=False)
        until(lambda: "PARTSTAT=TENTATIVE" in kept(anna, "suite-2", name), lambda: kept(anna, "suite-2", name))


def test_of_two_who_want_a_room_at_one_hour_one_gets_it(house):
    house.odmail("room", "add", "hall.two", "--name", "Hall 2", "--office", "khordha")
    day = f"{datetime.now(UTC) + timedelta(days=5):%Y%m%d}T100000"
    with client(house, ANNA) as anna, client(house, BIBHUTI) as bibhuti:
        hall = "hall.two@odisha.example"
        for guest, uid in ((anna, "hall-1"), (bibhuti, "hall-2")):
            calendar(guest).save_with_invites(event(uid, start=day), [f"mailto:{hall}"])
        both = lambda: [line(kept(anna, "hall-1"), hall), line(kept(bibhuti, "hall-2"), hall)]  # noqa: E731
        until(lambda: all("SCHEDULE-STATUS=2.0" in each for each in both()), lambda: str(both()))
        said = sorted(each.partition("PARTSTAT=")[2].partition(";")[0] for each in both())
        assert said == ["ACCEPTED", "DECLINED"]


def test_a_program_asks_when_others_are_free(house):
    with client(house, ANNA) as anna, client(house, ABDUL) as abdul:
        calendar(abdul).save_event(event("suite-3", start="20270210T100000"))
        day = datetime(2027, 2, 10, tzinfo=UTC), datetime(2027, 2, 11, tzinfo=UTC)
        told = anna.principal().freebusy_request(*day, [f"mailto:{ABDUL}", f"mailto:{BIBHUTI}"])
        found = {each.removeprefix("mailto:"): one.data for each, one in told.items() if each != "errors"}
        assert "BUSY:20270210T043000Z/20270210T053000Z" in found[ABDUL]
        assert "FBTYPE" not in found[BIBHUTI]


@pytest.mark.breaks
def test_whoever_dies_in_the_middle_every_invitation_arrives_once():
    with running(("directory", "web", "queue")) as house, client(house, ANNA) as anna:
        mine, ended = calendar(anna), threading.Event()

        def kill() -> None:
            while not ended.wait(0.3):
                house.kill("queue")

        killer = threading.Thread(target=kill)
        killer.start()
        uids = [f"kill-{number}" for number in range(20)]
        for uid in uids:
            mine.save_with_invites(event(uid), [f"mailto:{BIBHUTI}", f"mailto:{ABDUL}"])
        ended.set()
        killer.join()
        for login in (BIBHUTI, ABDUL):
            with client(house, login) as guest:
                until(lambda g=guest: all(kept(g, uid) for uid in uids), "all invitations")
                notes = [each.data for each in guest.principal().schedule_inbox().get_items()]
                assert (
                    sorted(sum(f"UID:{uid}\r" in each or f"UID:{uid}\n" in each for each in notes) for uid in uids)
                    == [1] * 20
                )
        assert "keep every invariant" in house.odmail("doctor")
