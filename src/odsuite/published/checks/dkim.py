"""Can what we sign be verified?  RFC 6376"""

from collections.abc import Iterator

from odmail.trust.dkim_keys import Key
from odmail.trust.dkim_published import objection
from odsuite.published.check import Case, Check, Verdict, bad, doubtful, good


def look(case: Case) -> Iterator[Verdict]:
    """Every key of the domain, whatever stage of a rotation it is in."""
    keys, rotation = case.keys.of(case.domain), case.keys.rotation(case.domain)
    signing = case.keys.signing(case.domain)
    if not signing:
        yield bad(f"no key, its mail is not signed: odmail dkim generate {case.domain}")
    for key in keys:
        wrong = objection(key, case.source)
        if key in signing:
            yield bad(f"{key.selector} signs, and its record {wrong}", key.zone_line) if wrong else _fine(key)
        elif key.selector in rotation.waiting:
            if wrong:
                yield doubtful(f"{key.selector} waits, and its record {wrong}", key.zone_line)
            else:
                yield doubtful(f"{key.selector} waits, and may sign now: odmail dkim rotate {case.domain}")
        elif key.selector in rotation.retired and wrong:
            yield doubtful(
                f"{key.selector} is retired, mail it signed is under way, and its record {wrong}", key.zone_line
            )


def _fine(key: Key) -> Verdict:
    return good(f"{key.selector} ({key.algorithm}) signs and is published")


CHECK = Check("dkim", 30, look)
