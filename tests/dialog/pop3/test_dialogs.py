"""Every conversation in this folder goes as written, whatever the network makes of its octets."""

from pathlib import Path

import pytest

from odtest.pop3 import Dialog

FILES = sorted(Path(__file__).parent.glob("*.dlg"))


@pytest.mark.parametrize("split", [False, True], ids=["whole", "bytewise"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_dialog(path: Path, split: bool, tmp_path: Path) -> None:
    """The dialog file's answers come, in its order."""
    Dialog(path, tmp_path, split=split).run()
