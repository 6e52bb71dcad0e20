"""Every conversation in this folder goes as written, whatever the network makes of its octets."""

from pathlib import Path

import pytest

from odmail.imap import view
from odtest.dialog import Dialog

FILES = sorted(Path(__file__).parent.glob("*.dlg"))


@pytest.mark.parametrize("split", [False, True], ids=["whole", "bytewise"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dialog(path: Path, split: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dialog file's answers come, in its order; bytewise also with views that know as little as they may."""
    if split:
        monkeypatch.setattr(view, "AT_ONCE", 0)
    Dialog(path, tmp_path, monkeypatch, split=split).run()
