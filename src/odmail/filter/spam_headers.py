"""What the checks found, for programs and people that read headers: X-Spam-Flag, -Score, -Level, -Status.

Sieve's spamtest (RFC 5235) takes `spamtest` of the same verdict: 0 not tested, 1 certainly not ... 10 certainly.
"""

from odmail.queue.verdict import Action, Finding, Verdict

NAMES = (b"x-spam-",)
"""Fields of these names are ours alone; what a sender puts there is taken away."""


def fields(verdict: Verdict, junk_score: float) -> bytes:
    """In front of the message."""
    word, flag = ("Yes", "YES") if verdict.junk else ("No", "NO")
    tests = ",\r\n\t".join(filter(None, (_test(each) for each in verdict.findings))) or "none"
    stars = "*" * min(50, int(verdict.score))
    level = f"X-Spam-Level: {stars}\r\n" if stars else ""
    return (
        f"X-Spam-Flag: {flag}\r\n"
        f"X-Spam-Score: {verdict.score:.1f}\r\n{level}"
        f"X-Spam-Status: {word}, score={verdict.score:.1f} required={junk_score:.1f} tests={tests}\r\n"
    ).encode("ascii")


def spamtest(verdict: Verdict, junk_score: float) -> int:
    """RFC 5235 2.1: below `junk_score` 1 to 5, from there on 6 to 10."""
    if verdict.junk or verdict.score >= junk_score:
        return max(6, min(10, 6 + int(verdict.score - junk_score)))
    return max(1, min(5, 1 + int(4 * verdict.score / junk_score))) if junk_score > 0 else 1


def _test(finding: Finding) -> str:
    """`SPF_FAIL(3.0)`; what neither scored nor acted is left out."""
    if not finding.score and finding.action is Action.NONE:
        return ""
    name = f"{finding.check}_{finding.result}".upper()
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)
    return f"{plain}({finding.score:.1f})"
