"""Passkeys: made, proved.  W3C Web Authentication Level 3"""

import json

from django.utils.translation import gettext as _
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from odcore import clock
from odcore.errors import Fault, Kind
from odweb.factors.models import Passkey
from odweb.project.request import Asked

_CHALLENGE = "passkey-challenge"
_MOST = 20


def to_make(request: Asked) -> str:
    """What the browser is asked to make one with, in JSON."""
    person = request.who.person
    options = generate_registration_options(
        rp_id=_site(request),
        rp_name=request.house.services().domains[0],
        user_id=person.id.encode(),
        user_name=person.addresses[0],
        user_display_name=person.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_known(person.id),
    )
    request.session[_CHALLENGE] = bytes_to_base64url(options.challenge)
    return options_to_json(options)


def make(request: Asked, answer: str, name: str) -> Passkey:
    """Keep the one that the browser made. Faults BAD_REQUEST, EXISTS, LIMIT."""
    person = request.who.person.id
    if Passkey.objects.filter(person=person).count() >= _MOST:
        raise Fault(Kind.LIMIT, _("You have very many passkeys: delete one first."))
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=_challenge(request),
            expected_rp_id=_site(request),
            expected_origin=_origin(request),
        )
    except WebAuthnException as error:
        raise _useless() from error
    credential = bytes_to_base64url(made.credential_id)
    if Passkey.objects.filter(credential=credential).exists():
        raise Fault(Kind.EXISTS, _("This passkey is known already."))
    return Passkey.objects.create(
        person=person,
        credential=credential,
        public=made.credential_public_key,
        count=made.sign_count,
        name=name,
        made=clock.now(),
    )


def to_prove(request: Asked, person: str = "") -> str:
    """What the browser is asked to sign, in JSON. Without `person`, by any passkey of this site."""
    options = generate_authentication_options(
        rp_id=_site(request),
        allow_credentials=_known(person) if person else None,
        user_verification=_verification(alone=not person),
    )
    request.session[_CHALLENGE] = bytes_to_base64url(options.challenge)
    return options_to_json(options)


def prove(request: Asked, answer: str, person: str = "") -> Passkey:
    """The passkey that signed. Without `person` its device must have known its owner. Fault LOGIN."""
    try:
        credential = str(json.loads(answer)["id"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise unknown() from error
    found = Passkey.objects.filter(credential=credential).first()
    if found is None or (person and found.person != person):
        raise unknown()
    try:
        proved = verify_authentication_response(
            credential=answer,
            expected_challenge=_challenge(request),
            expected_rp_id=_site(request),
            expected_origin=_origin(request),
            credential_public_key=bytes(found.public),
            credential_current_sign_count=found.count,
            require_user_verification=not person,
        )
    except WebAuthnException as error:
        raise unknown() from error
    Passkey.objects.filter(pk=found.pk).update(count=proved.new_sign_count, used=clock.now())
    return found


def _known(person: str) -> list[PublicKeyCredentialDescriptor]:
    keys = Passkey.objects.filter(person=person)
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential)) for key in keys]


def _verification(*, alone: bool) -> UserVerificationRequirement:
    return UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED


def _challenge(request: Asked) -> bytes:
    """Good once. Fault LOGIN when none was given out."""
    challenge: str = request.session.pop(_CHALLENGE, "")
    if not challenge:
        raise unknown()
    return base64url_to_bytes(challenge)


def _site(request: Asked) -> str:
    return request.get_host().rpartition(":")[0] or request.get_host()


def _origin(request: Asked) -> str:
    return f"https://{request.get_host()}"


def _useless() -> Fault:
    return Fault(Kind.BAD_REQUEST, _("The passkey could not be used. Try again."))


def unknown() -> Fault:
    """Wrong, deleted, disabled: all alike."""
    return Fault(Kind.LOGIN, _("The passkey is not known here."))
