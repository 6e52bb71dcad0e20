"""Where the house does not let people set their own photograph, they look at it and change nothing."""

from types import SimpleNamespace

import msgspec
import pytest

from odcore.directory.model import AccountKind, AccountRef, Person
from odcore.errors import Fault, Kind
from odcore.identity.api import Principal
from odcore.ids import AccountId
from odtest.pages import Kept, Town
from odtest.portrait import portrait

ANNA = Person(AccountId("11111111-1111-1111-1111-111111111111"), "", "anna", "Anna", ("anna@x",))


def test_the_page_takes_nothing_where_the_house_says_so():
    house = msgspec.structs.replace(Kept(Town(ANNA)).house, own_photo=False, admin=lambda _: pytest.fail("it was set"))
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import RequestFactory

    from odweb.photo.views import mine
    from odweb.project.request import Asked

    for fields in ({"file": SimpleUploadedFile("a.jpg", portrait())}, {"remove": "1"}):
        made = RequestFactory().post("/me/photo", fields)
        request = Asked(made.environ | {"odmail.house": house})
        request.principal = Principal(ANNA, AccountRef(ANNA.id, AccountKind.PERSON, "anna@x", "Anna"))
        request.session = SimpleNamespace()
        with pytest.raises(Fault) as caught:
            mine(request)
        assert caught.value.kind is Kind.DENIED
