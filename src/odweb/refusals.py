"""What a use case refuses, told beside the field that was wrong."""

from collections.abc import Callable, Mapping

from django.forms import Form

from odcore.errors import Fault, Kind


def done(form: Form, use: Callable[[], object], told: Mapping[Kind, tuple[str, str]]) -> bool:
    """Whether it was: `told` has a field and a text for each kind, and what is not in it is raised."""
    try:
        use()
    except Fault as fault:
        if fault.kind not in told:
            raise
        form.add_error(*told[fault.kind])
        return False
    return True
