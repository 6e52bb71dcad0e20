"""`scripts/bench dav-book`: the directory book with a real slapd of so many people: made, searched, followed."""

import itertools
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from bench.dav import book_ldap
from odcore.directory.ops.domain import AddDomain, add_domain
from odcore.directory.ops.office import AddOffice, add_office
from odcore.directory.ops.person import AddPerson, EditPerson, add_person, edit_person
from odtest.book import Library, holds, query
from odtest.slapd import House

REPORT = Path(__file__).resolve().parents[3] / "docs" / "bench" / "dav-book.md"

console = Console(stderr=True, highlight=False, width=120)

_GIVEN = (
    ("Sasmita", "ସସ୍ମିତା"), ("Bibhuti", "ବିଭୂତି"), ("Anjali", "ଅଞ୍ଜଳି"), ("Prakash", "ପ୍ରକାଶ"), ("Lipika", "ଲିପିକା"),
    ("Ramesh", "ରମେଶ"), ("Sujata", "ସୁଜାତା"), ("Debasish", "ଦେବାଶିଷ"), ("Mamata", "ମମତା"), ("Abdul", "ଅବଦୁଲ"),
    ("Sunita", "ସୁନୀତା"), ("Arjun", "ଅର୍ଜୁନ"), ("Kedar", "କେଦାର"), ("Jayanti", "ଜୟନ୍ତୀ"), ("Pitambar", "ପୀତାମ୍ବର"),
)  # fmt: skip
_FAMILY = (
    ("Nayak", "ନାୟକ"), ("Das", "ଦାସ"), ("Mohanty", "ମହାନ୍ତି"), ("Behera", "ବେହେରା"), ("Sahoo", "ସାହୁ"), ("Pradhan", "ପ୍ରଧାନ"),
    ("Panda", "ପଣ୍ଡା"), ("Rout", "ରାଉତ"), ("Jena", "ଜେନା"), ("Hembram", "ହେମ୍ବ୍ରମ"), ("Majhi", "ମାଝୀ"), ("Sethi", "ସେଠୀ"),
)  # fmt: skip
_MIDDLE = "କଖଗଘଚଛଜଝଟଠଡଢତଥଦଧନପଫବଭମଯରଲଶସହ"
_DISTRICTS = ("Khordha", "Puri", "Cuttack", "Ganjam", "Koraput", "Sundargarh", "Balasore", "Kalahandi", "Nuapada")
_TITLES = ("Senior Clerk", "Section Officer", "Tahasildar", "Junior Engineer", "Headmaster", "Constable", "Nurse")

SEARCHES = {
    "a family name, common (English)": ("FN", "mohant"),
    "a family name, common (Odia)": ("FN", "ମହାନ୍ତି"),
    "a whole name, one in thousands (English)": ("FN", "pitambar q. hembram"),
    "a part of a word (Odia)": ("FN", "ତାମ୍ବର"),
    "two letters (Odia)": ("FN", "ସେ"),
    "a district in the office's name": ("ORG", "koraput"),
    "an address": ("EMAIL", "anjali.rout.39"),
    "the end of a number": ("TEL", "39999"),
    "nothing there, eight letters": ("FN", "zzqqzzqq"),
    "nothing there, two letters": ("FN", "ଝଝ"),
}


def ldif(base: str, people: int, offices: list[tuple[str, str]], chance: random.Random) -> Iterator[str]:
    """So many people, each with names in two languages, an office, a title and numbers."""
    for number in range(people):
        given, family = chance.choice(_GIVEN), chance.choice(_FAMILY)
        middle = chance.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        name = f"{given[0]} {middle}. {family[0]}"
        uid = f"{given[0]}.{family[0]}.{number}".lower()
        yield (
            f"dn: uid={uid},ou=people,{base}\nobjectClass: inetOrgPerson\nobjectClass: odmailPerson\nuid: {uid}\n"
            f"cn: {name}\ndisplayName: {name}\nsn: {family[0]}\ngivenName: {given[0]}\n"
            f"cn;lang-or: {given[1]} {chance.choice(_MIDDLE)} {family[1]}\nmail: {uid}@odisha.example\n"
            f"title: {chance.choice(_TITLES)}\ntelephoneNumber: 0674-{2300000 + number % 600000}\n"
            f"mobile: {9437000000 + number}\nodmailOfficeId: {chance.choice(offices)[1]}\n\n"
        )


def loaded(folder: Path, people: int) -> House:
    """A slapd with all of them: written with slapadd, as no network could."""
    house = House(folder)
    house.start()
    add_domain(house.admin, AddDomain(name="odisha.example"))
    offices = []
    for district, number in itertools.product(_DISTRICTS, range(40)):
        ou = f"office{number}.{district.lower()}"
        offices.append((ou, add_office(house.admin, AddOffice(ou=ou, name=f"Office {number}, {district}")).id))
    add_person(house.admin, AddPerson(uid="me", given_name="My", family_name="Self"))
    house.link.close()
    house.stop()
    source = folder / "people.ldif"
    with source.open("w", encoding="utf-8") as file:
        file.writelines(f"{each}" for each in ldif(house.settings.base, people, offices, random.Random(5)))
    argv = ["slapadd", "-q", "-F", str(folder / "config"), "-n", "1", "-l", str(source)]
    subprocess.run(argv, check=True, capture_output=True)
    source.unlink()
    house.start()
    return house


def search(library: Library, name: str, text: str, times: int) -> tuple[float, float, int]:
    """Milliseconds, median and 95th percentile, and how many cards there were."""
    taken, cards = [], 0
    for _ in range(times):
        begun = time.perf_counter()
        answer = library.ask("me", "REPORT", body=query(holds(name, text), "3.0"))
        taken.append((time.perf_counter() - begun) * 1000)
        assert answer.status == 207, answer.text
        cards = answer.text.count("BEGIN:VCARD")
    return statistics.median(taken), sorted(taken)[int(len(taken) * 0.95)], cards


@click.command()
@click.option("--people", default=400_000, show_default=True)
@click.option("--times", default=40, show_default=True, help="Each search.")
@click.option("--write", is_flag=True, help="Write docs/bench/dav-book.md.")
def main(people: int, times: int, write: bool) -> None:
    """Figures of the directory book."""
    folder = Path(tempfile.mkdtemp(prefix="bk"))
    house = None
    try:
        begun = time.perf_counter()
        house = loaded(folder / "l", people)
        console.print(f"slapd has {people:,} people after {time.perf_counter() - begun:.0f} s")
        text = figures(house, folder, people, times)
    finally:
        if house is not None:
            house.link.close()
            house.stop()
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(text)
    if write:
        REPORT.write_text(text, encoding="utf-8")


def figures(house: House, folder: Path, people: int, times: int) -> str:
    """The page."""
    library = Library(house, folder)
    library.unlimited()
    begun, used = time.perf_counter(), time.process_time()
    library.follower.step()
    made, made_cpu = time.perf_counter() - begun, time.process_time() - used
    console.print(f"made in {made:.0f} s")
    size = sum(each.stat().st_size for each in (folder / "book").iterdir())
    rows = []
    for what, (name, text) in SEARCHES.items():
        search(library, name, text, 2)
        used = time.process_time()
        median, late, cards = search(library, name, text, times)
        cpu = (time.process_time() - used) / times * 1000
        rows.append(f"| {what}: `{name}` has `{text}` | {cards} | {cpu:.0f} ms | {median:.0f} ms | {late:.0f} ms |\n")
        console.print(rows[-1].strip())
    by_ldap = list(book_ldap.rows(library, folder, times))
    person = house.directory.person("me")
    house.sent.clear()
    edit_person(house.admin, person, EditPerson(title="Archivist"))
    library.follower.note(id_ for message in house.sent for id_ in message.ids)
    begun = time.perf_counter()
    library.follower.step()
    followed = (time.perf_counter() - begun) * 1000
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return f"""\
# The directory book

Measured by `scripts/bench dav-book` on {datetime.now():%Y-%m-%d}: {people:,} people with names in two
languages, read from a slapd; every search through the whole application, photographs asked of slapd included,
in one process that does nothing else, {times} times each, on a machine of 2 cores.

Made from the directory in {made:.0f} s ({made_cpu:.0f} s of processor time); {size >> 20} MiB on disk; the process
had at most {memory} MiB in memory.
A changed person is in the index {followed:.0f} ms after the hint.

| Search | cards (100 at most) | processor time | median | 95th percentile |
| --- | ---: | ---: | ---: | ---: |
{"".join(rows)}
The same book by LDAP, through a socket with TLS: Debian's `ldapsearch` asks, with a connection and a sign-in for each
search, which the times include; the processor time is the server's alone. `ldapsearch` starts in some 10 ms.

| Search | entries (100 at most) | processor time | median | 95th percentile |
| --- | ---: | ---: | ---: | ---: |
{"".join(by_ldap)}"""


if __name__ == "__main__":
    main()
