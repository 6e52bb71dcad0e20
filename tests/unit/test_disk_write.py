"""`odcore.disk.write`: a file that is whole or not there."""

import os
import stat

import pytest

from odcore import disk


def test_a_file_is_replaced_with_its_mode_and_nothing_stays_beside_it(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    (tmp_path / "secret.new").write_bytes(b"of a start that was cut short")
    disk.write(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["secret"]


def test_the_old_one_stays_when_the_disk_fails(tmp_path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "secret"
    path.write_bytes(b"old")

    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output"):
        disk.write(path, b"new")
    assert path.read_bytes() == b"old"
