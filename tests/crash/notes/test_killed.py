"""kill -9 between any two commits of the bridge between journals and Apple Notes: both faces come to agree, nothing is
lost and nothing is there twice."""

import os
import shutil
import signal
from pathlib import Path

from odcore.sql.database import Connection
from odtest.notes import Desk, apple

KEYS = {name: f"E31ABFC8-93F5-4BD7-9BA9-00000000000{number}" for number, name in enumerate("ABCDE")}
RICH = "<ul><li>one</ul>"
WANTED = [("A", "a"), ("B", "b2"), ("C", "letter"), ("C (2)", "journal"), ("D", "d2")]


def prepare(folder: Path) -> None:
    """One of each that the bridge has to do: to either side, both edited, richer than text, a deletion."""
    desk = Desk(folder)
    for name in "BCE":
        desk.append(apple(KEYS[name], name, "old"))
    desk.append(apple(KEYS["D"], "D", more=RICH))
    desk.settle()
    uids = {note.title: uid for uid, _, note in desk.letters()}
    desk.put("a.ics", "A", "a", uid=KEYS["A"])
    for name, text in (("B", "b2"), ("C", "letter")):
        desk.append(apple(KEYS[name], name, text))
        desk.expunge(uids[name])
    desk.put(f"{KEYS['C']}.ics", "C", "journal", uid=KEYS["C"])
    desk.put(f"{KEYS['D']}.ics", "D", "d2", uid=KEYS["D"])
    desk.remove(f"{KEYS['E']}.ics")
    desk.close()


def is_killed(folder: Path, at: int) -> bool:
    """A process of its own settles, and is killed where it would commit for the n-th time; False: it has finished."""
    child = os.fork()
    if not child:
        left, execute = at, Connection.execute

        def counting(self, statement, *given, **named):
            nonlocal left
            left -= statement == "COMMIT"
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(self, statement, *given, **named)

        Connection.execute = counting
        try:
            Desk(folder).settle()
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL)
    return status == signal.SIGKILL


def test_whichever_commit_it_does_not_come_to_both_faces_agree_afterwards(tmp_path):
    prepare(tmp_path / "before")
    at = 1
    while True:
        folder = shutil.copytree(tmp_path / "before", tmp_path / str(at))
        killed = is_killed(folder, at)
        desk = Desk(folder)
        desk.settle()
        assert sorted((note.title, note.text) for _, _, note in desk.letters()) == WANTED, f"commit {at}"
        assert sorted((note.title, note.text) for note, _ in desk.journals().values()) == WANTED, f"commit {at}"
        desk.close()
        shutil.rmtree(folder)
        if not killed:
            break
        at += 1
    assert at > 8
