"""What programs ask when an account is set up and opened, in their order: where they would give up, nothing fails.

A file is one program. `C: METHOD path Header=value` and the lines after it are a request, `S: status name ...` what the
answer must have: each name as a property with a value, and each text in quotes. A path without a slash is below the
person's home; {token} and {etag} are the last that an answer told.
"""

import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest

from oddav.push.offer import Offer
from odtest.calendars import Office

FILES = sorted(Path(__file__).parent.glob("*.dlg"))
SPACES = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CR="urn:ietf:params:xml:ns:carddav" '
    'xmlns:CS="http://calendarserver.org/ns/" xmlns:A="http://apple.com/ns/ical/"'
)


def steps(text):
    """Request line, body, answer line."""
    for part in re.split(r"^C: ", text, flags=re.M)[1:]:
        request, rest = part.split("\n", 1)
        body, answer = rest.split("S: ", 1)
        yield request, body.strip(), answer.split("\n", 1)[0]


def fill(text, known):
    """What stands in braces."""
    return re.sub(r"\{(\w+)\}", lambda each: known[each[1]], text)


def told(octets):
    """The properties that have been found, and those that have not, by their local names."""
    found, missing = set(), set()
    for each in ElementTree.fromstring(octets).iter("{DAV:}propstat") if octets.startswith(b"<?xml") else ():
        names = {one.tag.rpartition("}")[2] for one in each.find("{DAV:}prop")}
        (found if " 200 " in each.findtext("{DAV:}status", "") else missing).update(names)
    return found, missing - found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_program_finds_what_it_needs(file, tmp_path):
    office = Office(tmp_path, push=Offer("BKey", ("up.example.net",), lambda _: None))
    known = {"me": office.ids["anna"], "token": "", "etag": "", "ns": SPACES}
    for request, body, answer in steps(file.read_text()):
        method, path, *headers = shlex.split(fill(request, known).replace('"', '\\"'))
        given = {name.replace("-", "_"): value for name, _, value in (each.partition("=") for each in headers)}
        octets = fill(body, known).encode()
        if octets.startswith(b"BEGIN:"):
            octets = octets.replace(b"\n", b"\r\n") + b"\r\n"
        got = office.ask("anna", method, path, octets, **given)
        status, *needs = shlex.split(answer)
        assert got.status == int(status), (request, got.octets)
        text = got.octets.decode() + repr(got.headers)
        found, missing = told(got.octets)
        lacking = [each for each in needs if each in missing or (each not in found and each not in text)]
        assert lacking == [], (request, text)
        token = re.findall(r"<D:sync-token>([^<]+)<", text)
        known["token"] = token[-1] if token else known["token"]
        known["etag"] = got.headers.get("ETag", known["etag"])
    office.close()
