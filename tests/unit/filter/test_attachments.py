"""Attachments: what does harm is found under any name, in any archive, and nothing takes more than its share (A70)."""

import base64
import bz2
import gzip
import io
import lzma
import struct
import tarfile
import time
import zipfile
from email.message import EmailMessage

import pytest

from odmail.filter import checks
from odmail.filter.attachment import kinds
from odmail.filter.attachment.budget import MOST_DEPTH, Budget
from odmail.filter.attachment.walk import START, walk
from odmail.filter.case import Case
from odmail.filter.check import Tools
from odmail.filter.checks import attachments
from odmail.filter.settings import FilterSettings
from odmail.queue.model import Envelope, Origin
from odmail.queue.verdict import Action

PROGRAM = b"MZ" + b"\0" * 200
PDF = b"%PDF-1.7\n" + b"x" * 300
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def found(name: str, octets: bytes) -> set[str]:
    return {each.kind for each in walk(name, octets[:START], lambda: octets, Budget())}


def told(value: object) -> str:
    """A parameter in a test's name: not its octets, which hold the time where an archive does."""
    return value if isinstance(value, str) else type(value).__name__


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, octets in files:
            archive.writestr(name, octets)
    return made.getvalue()


def tarred(*files: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, octets in files:
            info = tarfile.TarInfo(name)
            info.size = len(octets)
            archive.addfile(info, io.BytesIO(octets))
    return made.getvalue()


def rar4(name: bytes, *, encrypted: bool = False) -> bytes:
    flags = 0x8000 | (0x04 if encrypted else 0)
    head = struct.pack("<IIBIIBBHI", 3, 3, 3, 0, 0, 29, 0x30, len(name), 0x20) + name
    block = struct.pack("<BHH", 0x74, flags, 7 + len(head)) + head
    return b"Rar!\x1a\x07\x00" + b"\0\0" + struct.pack("<BHH", 0x73, 0, 13) + b"\0" * 6 + b"\0\0" + block + b"abc"


def rar5(name: bytes) -> bytes:
    head = bytes((2, 2, 3, 0, 3, 0, 0, 0)) + bytes((len(name),)) + name  # file, data of 3 octets
    main = b"\0\0\0\0" + bytes((3, 1, 0, 0))
    return b"Rar!\x1a\x07\x01\x00" + main + b"\0\0\0\0" + bytes((len(head),)) + head + b"abc"


def seven(*names: str) -> bytes:
    """A 7z of empty files: a plain header with FilesInfo only."""
    text = b"\0" + b"".join(name.encode("utf-16-le") + b"\0\0" for name in names)
    header = bytes((1, 5, len(names), 17, len(text))) + text + b"\0\0"
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<IQQI", 0, 0, len(header), 0) + header


@pytest.mark.parametrize(
    ("name", "octets", "kind"),
    [
        ("setup.exe", b"", "executable"),
        ("SETUP.EXE", b"", "executable"),
        ("setup.exe. .", b"", "executable"),
        ("letter.js", b"", "executable"),
        ("letter.lnk", b"", "executable"),
        ("invoice.pdf.exe", b"", "disguised"),
        ("invoice.pdf                   .scr", b"", "disguised"),
        ("invoice\u202efdp.exe", b"", "disguised"),
        ("exe\u202efdp.txt", b"", "disguised"),
        ("photo.jpg", PROGRAM, "executable"),
        ("photo.jpg", b"\x7fELF" + b"\0" * 80, "executable"),
        ("report.doc", EICAR, "executable"),
        ("sheet.xlsm", b"", "macro"),
        ("report.doc", kinds.OLE + b"\0" * 600 + "_VBA_PROJECT".encode("utf-16-le"), "macro"),
        ("report.docx", zipped(("word/document.xml", b"<x/>"), ("word/vbaProject.bin", b"x")), "macro"),
        ("sheet.xlsx", zipped(("xl/macrosheets/sheet1.xml", b"<x/>")), "macro"),
        ("disk.iso", b"", "image"),
        ("disk.bin", b"\0" * 32769 + b"CD001" + b"\0" * 100, "image"),
        ("a.zip", zipped(("x/setup.exe", b"")), "executable"),
        ("a.zip", zipped(("photo.jpg", PROGRAM)), "executable"),
        ("a.zip", zipped(("b.zip", zipped(("c.zip", zipped(("x.vbs", b"")))))), "executable"),
        ("a.dat", zipped(("b.dat", tarred(("x.bin", PROGRAM)))), "executable"),
        ("a.tar", tarred(("x.hta", b"")), "executable"),
        ("a.tgz", gzip.compress(tarred(("x.exe", b""))), "executable"),
        ("x.exe.gz", gzip.compress(b"anything"), "executable"),
        ("x.bz2", bz2.compress(PROGRAM), "executable"),
        ("x.xz", lzma.compress(PROGRAM), "executable"),
        ("a.rar", rar4(b"x.exe"), "executable"),
        ("a.rar", rar4(b"x.txt", encrypted=True), "encrypted"),
        ("a.rar", rar5(b"folder/x.scr"), "executable"),
        ("a.7z", seven("readme.txt", "x.exe"), "executable"),
    ],
    ids=told,
)
def test_what_does_harm_is_found(name, octets, kind):
    assert kind in found(name, octets)


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("letter.pdf", PDF),
        ("letter.docx", zipped(("word/document.xml", b"<x/>" * 1000))),
        ("ପତ୍ର.odt", zipped(("content.xml", b"<x/>"))),
        ("report.doc", kinds.OLE + b"\0" * 600),
        ("a.zip", zipped(("letter.pdf", PDF), ("folder/", b""))),
        ("a.tar.gz", gzip.compress(tarred(("letter.pdf", PDF)))),
        ("a.7z", seven("letter.pdf")),
        ("a.rar", rar5(b"letter.pdf")),
        ("version 2.0", b"MZ is how a letter may begin"),
        ("www.odisha.gov.in.pdf", PDF),
        ("empty.zip", zipped()),
        ("cut.zip", zipped(("letter.pdf", PDF))[:-30]),
        ("cut.rar", rar5(b"x.txt")[:20]),
        ("cut.7z", seven("x.txt")[:30]),
        ("cut.gz", gzip.compress(PDF)[:20]),
        ("none", b""),
    ],
    ids=told,
)
def test_honest_and_damaged_files_pass(name, octets):
    assert found(name, octets) == set()


def quine_zip(depth: int) -> bytes:
    octets = zipped(("letter.pdf", PDF))
    for _ in range(depth):
        octets = zipped(("inner.zip", octets))
    return octets


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("dense.zip", lambda: zipped(("zeros", b"\0" * (40 << 20)))),
        ("many.zip", lambda: zipped(*((f"{number}.zip", zipped(("z", b"\0" * (5 << 20)))) for number in range(40)))),
        ("deep.zip", lambda: quine_zip(MOST_DEPTH + 2)),
        ("crowd.zip", lambda: zipped(*((f"{number}", b"") for number in range(11_000)))),
        ("sum.zip", lambda: zipped(*((f"{number}.gz", gzip.compress(b"\0" * (3 << 20))) for number in range(25)))),
        ("dense.gz", lambda: gzip.compress(b"\0" * (100 << 20))),
        ("dense.bz2", lambda: bz2.compress(b"\0" * (100 << 20))),
        ("dense.xz", lambda: lzma.compress(b"\0" * (100 << 20))),
    ],
)
def test_bombs_are_told_from_archives_before_they_go_off(name, make):
    octets = make()
    begun = time.process_time()
    assert "bomb" in found(name, octets)
    assert time.process_time() - begun < 5.0


def run(message: EmailMessage, **settings: object) -> list:
    octets = message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    case = Case(Envelope("", ()), Origin("mx"), memoryview(octets), octets.index(b"\r\n\r\n") + 2, outside=True)
    return list(attachments.check(case, Tools(FilterSettings(**settings), None)))


def letter(*files: tuple[str, bytes]) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "a@peer.example"
    message.set_content("see the attachment")
    for name, octets in files:
        message.add_attachment(octets, "application", "octet-stream", filename=name)
    return message


def test_a_refusal_names_the_file_and_its_place():
    (finding,) = run(letter(("letter.pdf", PDF), ("all.zip", zipped(("x/run.exe", b"")))))
    assert finding.action is Action.REFUSE
    assert finding.result == "executable"
    assert "all.zip/x/run.exe" in finding.reason


def test_the_house_decides_which_kinds_pass():
    message = letter(("sheet.xlsm", b""))
    assert [each.action for each in run(message)] == [Action.REFUSE]
    assert [each.action for each in run(message, refuse_attachments=(), junk_attachments=("macro",))] == [Action.JUNK]
    assert [each.action for each in run(message, refuse_attachments=())] == [Action.NONE]


def test_encrypted_archives_go_into_junk():
    octets = bytearray(zipped(("letter.pdf", PDF)))
    for at in (octets.index(b"PK\x03\x04") + 6, octets.index(b"PK\x01\x02") + 8):
        octets[at] |= 1
    assert [(each.result, each.action) for each in run(letter(("a.zip", bytes(octets))))] == [
        ("encrypted", Action.JUNK)
    ]


@pytest.mark.parametrize(
    "fields",
    [
        b'Content-Disposition: attachment; filename="letter.pdf"\r\nContent-Type: application/pdf; name="run.exe"',
        b'Content-Disposition: attachment; filename="run.exe"\r\nContent-Type: application/pdf; name="letter.pdf"',
        b"Content-Disposition: attachment; filename*=utf-8''run%2Eexe; filename=letter.pdf\r\nContent-Type: text/plain",
        b"Content-Disposition: attachment; filename*0=run; filename*1=.exe\r\nContent-Type: text/plain",
        b'Content-Disposition: attachment;\r\n filename="=?utf-8?b?'
        + base64.b64encode(b"run.exe")
        + b'?="\r\nContent-Type: text/plain',
        b"Content-Type: text/html; name=run.hta",
    ],
)
def test_every_name_a_part_gives_itself_counts(fields):
    octets = (
        b"From: a@b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + fields + b"\r\n\r\nx\r\n--b--\r\n"
    )
    case = Case(Envelope("", ()), Origin("mx"), memoryview(octets), octets.index(b"\r\n\r\n") + 2, outside=True)
    (finding,) = attachments.check(case, Tools(FilterSettings(), None))
    assert finding.result == "executable"


def test_a_program_inside_a_forwarded_message_is_found():
    outer = EmailMessage()
    outer["From"] = "a@peer.example"
    outer.set_content("see below")
    outer.add_attachment(letter(("run.exe", PROGRAM)))
    assert [each.result for each in run(outer)] == ["executable"]


def test_a_single_part_message_is_no_way_around():
    message = EmailMessage()
    message["From"] = "a@peer.example"
    message.set_content(PROGRAM, "application", "octet-stream", filename="letter.pdf")
    assert [each.result for each in run(message)] == ["executable"]


def test_every_check_is_found_in_its_folder():
    names = [check.name for check in checks.load()]
    assert names == [
        "attachments", "impersonation", "dnslists", "words", "greylist", "clamav", "rspamd"
    ]  # fmt: skip
