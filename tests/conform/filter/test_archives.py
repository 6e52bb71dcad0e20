"""Archives that other programs made: 7-Zip's in all its ways of packing, and those of ClamAV's test files."""

import subprocess
from pathlib import Path

import pytest

from odmail.filter.attachment import sevenzip
from odmail.filter.attachment.budget import Budget
from odmail.filter.attachment.walk import START, walk

CLAMAV = Path("/usr/share/clamav-testfiles")
NAMES = [f"file-{number}.txt" for number in range(40)] + ["ଓଡ଼ିଆ.exe"]


@pytest.fixture
def folder(tmp_path):
    for name in NAMES:
        (tmp_path / name).write_text(f"this is {name}\n")
    return tmp_path


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-mhc=off",),
        ("-m0=LZMA2",),
        ("-m0=LZMA",),
        ("-m0=PPMd",),
        ("-m0=BCJ", "-m1=LZMA2"),
        ("-mx0",),
        ("-ms=off",),
        ("-psecret",),
    ],
)
def test_every_name_in_a_7z_is_read(folder, options):
    subprocess.run(["7z", "a", "-bd", *options, "a.7z", *NAMES], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    found = list(sevenzip.entries((folder / "a.7z").read_bytes(), Budget()))
    assert sorted(each.name for each in found) == sorted(NAMES)
    assert all(each.encrypted == ("-psecret" in options) for each in found)


def test_a_7z_with_hidden_names_is_encrypted(folder):
    command = ["7z", "a", "-bd", "-psecret", "-mhe=on", "a.7z", *NAMES]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    assert [each.encrypted for each in sevenzip.entries((folder / "a.7z").read_bytes(), Budget())] == [True]


@pytest.mark.parametrize(
    "name",
    ["clam.7z", "clam.bz2.zip", "clam.d64.zip", "clam.exe", "clam.exe.bz2", "clam.impl.zip", "clam.tar.gz", "clam.tnef",
     "clam.zip", "clam-upx.exe", "clam.chm"],
)  # fmt: skip
def test_the_program_in_clamavs_test_files_is_found(name):
    octets = (CLAMAV / name).read_bytes()
    kinds = {each.kind for each in walk("attachment", octets[:START], lambda: octets, Budget())}
    assert "executable" in kinds
