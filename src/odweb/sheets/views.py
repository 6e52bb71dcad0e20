"""Sheets of people, from upload to report."""

from collections import Counter

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from odcore.directory.bulk import annotate
from odcore.directory.bulk.candidate import Verdict
from odcore.directory.bulk.check import check
from odcore.directory.bulk.undo import undo
from odcore.directory.entries import person as person_of
from odcore.directory.lookup import PERSON
from odcore.directory.model import Person
from odcore.errors import Fault, Kind
from odcore.identity.rights import Rights, administers, rights
from odweb import pdf
from odweb.leaves import leaf
from odweb.project.request import Asked, signed_in
from odweb.sheets import steps, work
from odweb.sheets.forms import ReasonForm, RowForm, SheetForm
from odweb.sheets.models import Sheet
from odweb.sheets.words import said, state, verdict
from odweb.staff import codes

_SHOWN = 500  # rows of a kind in one page; the downloaded sheet has all


@signed_in
def overview(request: Asked) -> HttpResponse:
    """My sheets, those I may approve, and a form for a new one."""
    may = _rights(request)
    may.require(bool(may))
    offices = [office for office in request.house.directory.offices() if office.id in may.offices]
    form = SheetForm(offices, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            file, office = form.cleaned_data["file"], form.cleaned_data["office"]
            return _to(steps.take(request.house, request.who.person, may, file.name, file.read(), office))
        except Fault as fault:
            form.add_error("file", fault.text)
    mine = request.who.person.id
    every = Sheet.objects.defer("candidates").iterator()
    page = leaf(request, [each for each in every if each.maker == mine or _covers(may, each)])
    shown = {"form": form, "leaf": page, "sheets": [(each, state(each.state)) for each in page]}
    return render(request, "sheets/overview.html", shown, status=400 if form.errors else 200)


@require_safe
@signed_in
def show(request: Asked, key: str) -> HttpResponse:
    """Row by row, and what may be done now; a fragment while people are being created."""
    sheet, may = _found(request, key)
    rows = sheet.rows
    groups = [(word, verdict(word), [each for each in rows if each.verdict is word]) for word in Verdict]
    shown = {
        "sheet": sheet,
        "state": state(sheet.state),
        "groups": [(word, name, len(each), [(one, list(map(said, one.remarks))) for one in each[:_SHOWN]])
                   for word, name, each in groups if each],
        "domain": request.house.directory.default_domain(),
        "mine": sheet.maker == request.who.person.id,
        "may_check": _may_check(request, sheet, may),
        "seen": _version(sheet),
        "reason": ReasonForm(),
    }  # fmt: skip
    progress = sheet.state == Sheet.State.MAKING and "HX-Request" in request.headers
    response = render(request, "sheets/progress.html" if progress else "sheets/show.html", shown)
    if not progress and "HX-Request" in request.headers:
        response["HX-Refresh"] = "true"
    return response


@signed_in
def mend(request: Asked, key: str, number: int) -> HttpResponse:
    """One row; all are judged anew, as one may stand in another's way."""
    sheet, may = _mine(request, key)
    rows = [each.row for each in sheet.rows]
    row = next((row for row in rows if row.number == number), None)
    if row is None:
        raise Fault(Kind.NOT_FOUND, _("There is no such row."))
    form = RowForm(request.POST or None, initial=RowForm.initial_of(row))
    if request.method == "POST" and form.is_valid():
        mended = [form.row(number) if each.number == number else each for each in rows]
        sheet.rows = check(request.house.directory, mended, may.offices, sheet.office)
        steps.save(sheet)
        return _to(sheet)
    return render(request, "sheets/mend.html", {"form": form, "sheet": sheet, "number": number})


@require_safe
@signed_in
def annotated(request: Asked, key: str) -> HttpResponse:
    """The sheet with verdicts, to mend in Excel and send again."""
    sheet, _may = _found(request, key)
    octets = annotate.workbook(sheet.rows, request.house.directory.default_domain(), said, verdict)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(octets, content_type=kind)
    response["Content-Disposition"] = 'attachment; filename="people.xlsx"'
    return response


@require_POST
@signed_in
def submit(request: Asked, key: str) -> HttpResponse:
    """Judged once more; from here on the maker changes nothing."""
    sheet, may = _mine(request, key)
    steps.submit(request.house, sheet.maker, may, sheet)
    return _to(sheet)


@require_POST
@signed_in
def approve(request: Asked, key: str) -> HttpResponse:
    """By somebody else than who made it."""
    sheet = _to_check(request, key)
    sheet.checker = request.who.person.id
    steps.move(request.house, request.who.person.id, sheet, Sheet.State.MAKING)
    work.begin(request.house, sheet)
    return _to(sheet)


@require_POST
@signed_in
def refuse(request: Asked, key: str) -> HttpResponse:
    """Back to the maker, with the reason."""
    sheet = _to_check(request, key)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise Fault(Kind.BAD_REQUEST, _("Say why it goes back."))
    sheet.reason = form.cleaned_data["reason"]
    steps.move(request.house, request.who.person.id, sheet, Sheet.State.REFUSED)
    return _to(sheet)


@require_POST
@signed_in
def take_back(request: Asked, key: str) -> HttpResponse:
    """Within a day, those who have not begun to use their account."""
    sheet, may = _found(request, key)
    may.require(_covers(may, sheet))
    _expect(sheet, Sheet.State.MADE)
    directory = request.house.directory
    undone = undo(request.admin, work.journal(request.house, sheet), lambda each: administers(directory, may, each))
    if undone.gone and not undone.kept:
        steps.move(request.house, request.who.person.id, sheet, Sheet.State.UNDONE)
    told = _("%(gone)s accounts taken back, %(kept)s stay: they are in use, or older than a day.")
    messages.success(request, told % {"gone": len(undone.gone), "kept": len(undone.kept)})
    return _to(sheet)


@require_POST
@signed_in
def slips(request: Asked, key: str) -> HttpResponse:
    """On paper, for who has no password yet and cannot be reached, or for everybody: a code, handed over sealed."""
    sheet, may = _found(request, key)
    may.require(_covers(may, sheet))
    _expect(sheet, Sheet.State.MADE)
    with transaction.atomic():
        maker = request.who.person.id
        fresh, everybody = _new(request, sheet, may), "everybody" in request.POST
        wanted = [person for person, alternate in fresh if everybody or not (person.mobile or alternate)]
        made = [(person, codes.make(request.house, maker, person)) for person in wanted]
    if not made:
        messages.success(request, _("There is nobody who needs a slip."))
        return _to(sheet)
    facts = {"sheet": sheet, "slips": made, "days": codes.LIFE.days, "link": request.house.link("/welcome")}
    octets = pdf.document("sheets/slips.html", facts, get_language() or "en")
    response = HttpResponse(octets, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="slips.pdf"'
    return response


@require_POST
@signed_in
def send_codes(request: Asked, key: str) -> HttpResponse:
    """To everybody whom the sheet made and who has no password yet: by text message, else by mail."""
    sheet, may = _found(request, key)
    may.require(_covers(may, sheet))
    _expect(sheet, Sheet.State.MADE)
    house, maker = request.house, request.who.person.id
    ways = Counter[str]()
    for person, alternate in _new(request, sheet, may):
        language = person.language or get_language() or "en"
        if person.mobile:
            codes.send(house, maker, person, person.mobile, language)
        elif alternate:
            codes.write(house, maker, person, alternate, language)
        ways["sent" if person.mobile else "written" if alternate else "rest"] += 1
    told = _("Text messages sent: %(sent)s, mails: %(written)s. Without either: %(rest)s, for whom slips are printed.")
    messages.success(request, told % {way: ways[way] for way in ("sent", "written", "rest")})
    return _to(sheet)


def _new(request: Asked, sheet: Sheet, may: Rights) -> list[tuple[Person, str]]:
    """With their alternate addresses. Who is gone or belongs to somebody else meanwhile is passed over."""
    house, alternates = request.house, {each.key: each.alternate for each in sheet.rows}
    entries = work.journal(house, sheet).entries().values()
    known = {each.account: alternates.get(each.key, "") for each in entries if each.account and not each.undone}
    records = house.directory.lookup.having((PERSON,), {"entryUUID": list(known)})
    people = sorted(map(person_of, records), key=lambda each: each.name)
    return [
        (each, known[each.id]) for each in people if not each.password_set and administers(house.directory, may, each)
    ]


def _rights(request: Asked) -> Rights:
    return rights(request.house.directory, request.house.access, request.who)


def _found(request: Asked, key: str) -> tuple[Sheet, Rights]:
    """For its maker and for who administers all its offices. Faults NOT_FOUND, DENIED."""
    may = _rights(request)
    may.require(bool(may))
    sheet = Sheet.objects.filter(key=key).first()
    if sheet is None:
        raise Fault(Kind.NOT_FOUND, _("There is no such sheet."))
    may.require(sheet.maker == request.who.person.id or _covers(may, sheet))
    return sheet, may


def _mine(request: Asked, key: str) -> tuple[Sheet, Rights]:
    sheet, may = _found(request, key)
    may.require(sheet.maker == request.who.person.id)
    if not sheet.is_open:
        raise Fault(Kind.CONFLICT, _("This sheet is submitted already."))
    return sheet, may


def _to_check(request: Asked, key: str) -> Sheet:
    sheet, may = _found(request, key)
    _expect(sheet, Sheet.State.SUBMITTED)
    may.require(_may_check(request, sheet, may))
    if request.POST.get("seen", _version(sheet)) != _version(sheet):
        raise steps.outrun()
    return sheet


def _may_check(request: Asked, sheet: Sheet, may: Rights) -> bool:
    """Maker is never checker."""
    return sheet.maker != request.who.person.id and _covers(may, sheet)


def _version(sheet: Sheet) -> str:
    """Which one a page shows: sent back, mended and submitted again, a sheet is another."""
    return sheet.changed.isoformat()


def _covers(may: Rights, sheet: Sheet) -> bool:
    return may.cover(sheet.offices.split())


def _expect(sheet: Sheet, wanted: Sheet.State) -> None:
    if sheet.state != wanted:
        raise steps.outrun()


def _to(sheet: Sheet) -> HttpResponse:
    return HttpResponseRedirect(reverse("sheet", args=[sheet.key]))
