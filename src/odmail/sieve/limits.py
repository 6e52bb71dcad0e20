"""What a script may cost. A script beyond these is refused when it is put, or the message is kept when it is run."""

SCRIPT = 1 << 20
"""Octets of one script."""

NESTING = 32
"""Blocks in blocks, and tests in tests."""

ACTIONS = 32
"""Actions one message may meet, of all scripts together."""

REDIRECTS = 4
"""Of these, copies sent to other addresses."""

CPU = 30.0
"""Seconds of processor time for one message."""

STEPS = 1_000_000
"""Commands and tests carried out for one message."""

VARIABLES = 1_000
"""Variables a script may name, of all its included ones together."""

VALUE = 64 * 1024
"""Letters a variable may hold; what is longer is cut.  RFC 5229 3"""

HEADERS_ADDED = 100
"""Fields a script may add to a message."""

FIELD = 8 * 1024
"""Octets of one such field."""

INCLUDES = 10
"""Scripts in scripts."""

INCLUDED = 100
"""Scripts included for one message, of all together."""

BODY = 8 << 20
"""Octets of text of one message that body tests decode."""
