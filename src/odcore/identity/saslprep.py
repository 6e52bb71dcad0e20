"""Preparing names as protocols compare them: SASLprep.  RFC 4013"""

from passlib.utils import saslprep as _saslprep

from odcore.errors import Fault, Kind


def saslprep(text: str) -> str:
    """The prepared form. Fault BAD_REQUEST for what no name may hold."""
    try:
        return str(_saslprep(text))
    except ValueError as error:
        raise Fault(Kind.BAD_REQUEST, "That name has characters no name may have.") from error
