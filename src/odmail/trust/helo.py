"""What a client calls itself: not our own name, and a name at all.  RFC 5321 4.1.1.1"""

from collections.abc import Callable

from odmail.queue.verdict import Action, Finding


def check(helo: str, client: str, host: str, is_ours: Callable[[str], bool]) -> Finding | None:
    """None: nothing to say. Whoever greets as ourselves lies; a bare word or number is what spam programs say."""
    name = helo.lower().removesuffix(".")
    if name == host.lower() or is_ours(name) or name.strip("[]") in ("localhost", "127.0.0.1"):
        return Finding("helo", "own", f"{helo} is not the client's name", action=Action.REFUSE)
    literal = name.startswith("[")
    if literal and name.strip("[]").removeprefix("ipv6:") != client:
        return Finding("helo", "other", "the greeting names another address", score=1.5)
    if not literal and ("." not in name or name.replace(".", "").isdigit()):
        return Finding("helo", "bare", "the greeting is no domain name", score=1.0)
    return None
