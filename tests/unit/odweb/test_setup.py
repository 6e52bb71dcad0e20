"""What devices read: the picture for Thunderbird on Android, and the files that map the drive."""

import json

import pytest

from odcore.errors import Fault, Kind
from odweb.discovery.mobileconfig import Owner
from odweb.discovery.services import Services
from odweb.setup.drive_files import Place, windows_command, windows_limit
from odweb.setup.mobile_code import payload

HOST = "mail.odisha.example"
SERVICES = Services(HOST, ("odisha.example",), imaps=993, submissions=465, https=443)
SUNITA = Owner("sunita.hembram@odisha.example", "ସୁନୀତା ହେମ୍ବ୍ରମ", "abcd-efgh")
DRIVE = f"https://{HOST}/drive/"


def test_the_picture_holds_one_account_as_thunderbird_specifies_it():
    login, secret = SUNITA.address, SUNITA.password
    assert json.loads(payload(SERVICES, SUNITA)) == [
        1,
        [1, 1],
        [0, HOST, 993, 3, 1, login, login, secret],
        [[[0, HOST, 465, 3, 1, login, secret], [login, SUNITA.name]]],
    ]


@pytest.mark.parametrize(
    ("services", "address"),
    [(SERVICES, "ସୁନୀତା@odisha.example"), (Services(HOST, ("odisha.example",), submissions=465), SUNITA.address)],
)
def test_there_is_no_picture_where_thunderbird_could_not_take_it(services, address):
    assert payload(services, Owner(address, "Sunita", "abcd")) == ""


def test_the_batch_file_is_for_windows_and_lets_no_name_be_a_command():
    assert windows_command(Place(DRIVE, "a%PATH%&b@odisha.example")) == (
        b"@echo off\r\nchcp 65001 >nul\r\n"
        b'net use * "https://mail.odisha.example/drive/" * /user:"a%%PATH%%&b@odisha.example" /persistent:yes\r\n'
        b"pause\r\n"
    )
    with pytest.raises(Fault) as refused:
        windows_command(Place(DRIVE, '"x & del"@odisha.example'))
    assert refused.value.kind is Kind.UNSUPPORTED


def test_the_registry_file_sets_the_one_value():
    assert windows_limit(Place(DRIVE, "")).decode().splitlines()[-1] == '"FileSizeLimitInBytes"=dword:ffffffff'


def test_what_is_typed_in_a_terminal_keeps_its_quotation_marks():
    place = Place(DRIVE, "o'\"neill@odisha.example")
    assert place.davs == "davs://o%27%22neill%40odisha.example@mail.odisha.example/drive/"
    assert place.secrets == f'{DRIVE} "o\'\\"neill@odisha.example"'
    assert place.finder.endswith("as user name \"o'\\''\\\"neill@odisha.example\"'")
