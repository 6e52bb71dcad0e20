"""Whatever is done in whatever order, the drive holds what a dictionary of paths would hold, and its invariants."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from odcore.config.types import Duration, Size
from odcore.errors import Fault, Kind
from odcore.ids import AccountId
from oddav.drive.settings import DriveSettings
from oddav.drive.store.check import check
from oddav.drive.store.drive import Drive
from oddav.drive.store.drives import Drives
from oddav.drive.store.model import Caller

ACCOUNT = AccountId("0192b1aa-0000-7000-8000-000000000001")
ANNA = Caller("anna")

PATHS = st.lists(st.sampled_from(["a", "B", "ଓ"]), min_size=1, max_size=3).map(lambda names: "/" + "/".join(names))
STEPS = st.one_of(
    st.tuples(st.just("mkcol"), PATHS),
    st.tuples(st.just("put"), PATHS, st.binary(max_size=6)),
    st.tuples(st.just("delete"), PATHS),
    st.tuples(st.sampled_from(["copy", "move"]), PATHS, PATHS),
    st.tuples(st.just("purge")),
)


class Model(dict):
    """Path: octets, or None for a folder."""

    def below(self, path: str) -> list[str]:
        return [each for each in self if each == path or each.startswith(path + "/")]

    def can_hold(self, path: str) -> bool:
        parent = path.rpartition("/")[0]
        return not parent or (parent in self and self[parent] is None)

    def mkcol(self, path: str) -> bool:
        if path in self or not self.can_hold(path):
            return False
        self[path] = None
        return True

    def put(self, path: str, octets: bytes) -> bool:
        if not self.can_hold(path) or self.get(path, b"") is None:
            return False
        self[path] = octets
        return True

    def delete(self, path: str) -> bool:
        gone = self.below(path)
        for each in gone:
            del self[each]
        return bool(gone)

    def copy(self, source: str, target: str) -> bool:
        inside = (source + "/").startswith(target + "/") or (target + "/").startswith(source + "/")
        if source not in self or inside or not self.can_hold(target):
            return False
        new = {target + each[len(source) :]: self[each] for each in self.below(source)}
        self.delete(target)
        self.update(new)
        return True

    def move(self, source: str, target: str) -> bool:
        return self.copy(source, target) and self.delete(source)


def act(drive: Drive, step: tuple) -> bool:
    """Whether it was done."""
    try:
        match step:
            case ("mkcol", path):
                drive.mkcol(ANNA, path)
            case ("put", path, octets):
                incoming = drive.incoming()
                try:
                    incoming.write(octets)
                    drive.put(ANNA, path, incoming, "text/plain")
                finally:
                    incoming.discard()
            case ("delete", path):
                drive.delete(ANNA, path)
            case ("copy", source, target):
                drive.copy(ANNA, source, target, True)
            case ("move", source, target):
                drive.move(ANNA, source, target)
    except Fault as fault:
        if fault.kind not in (Kind.NOT_FOUND, Kind.EXISTS, Kind.CONFLICT, Kind.DENIED):
            raise
        return False
    return True


def held(drive: Drive, folder: str = "/") -> dict[str, bytes | None]:
    found: dict[str, bytes | None] = {}
    for entry in drive.children(drive.entry(folder).node):
        path = f"{folder.rstrip('/')}/{entry.node.name}"
        found[path] = None if entry.node.folder else drive.content(entry.node).read()
        if entry.node.folder:
            found |= held(drive, path)
    return found


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, max_size=14))
def test_the_drive_holds_what_a_dictionary_would(steps):
    with tempfile.TemporaryDirectory() as folder:
        drives = Drives(Path(folder), DriveSettings(Size(0), Duration(0)))
        drive, model = drives.open(ACCOUNT), Model()
        for step in steps:
            if step == ("purge",):
                drive.write(lambda tx: tx.cursor.execute("UPDATE node SET trashed = 1 WHERE trashed IS NOT NULL"))
                drive.write(lambda tx: tx.cursor.execute("UPDATE version SET replaced = 1"))
                drive.purge()
            else:
                assert act(drive, step) == getattr(model, step[0])(*step[1:]), step
            assert held(drive) == model
        assert check(drive, octets=True) == []
        assert drive.room().used == sum(len(octets or b"") for octets in model.values())
        drives.close()
