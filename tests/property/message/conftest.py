"""What a strict IMAP client reads of a message.  RFC 9051 9"""

import pytest

from odtest import imap_body


@pytest.fixture(scope="session")
def well_formed():
    """Fails where a strict client would."""
    return imap_body.check
