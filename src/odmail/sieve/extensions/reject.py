"""reject, ereject: the message is refused.  RFC 5429

Both refuse while the sender's server still listens when they can, and report otherwise: how is delivery's decision.
"""

from odmail.sieve.actions import Reject
from odmail.sieve.declare import Extension, Takes, Verb
from odmail.sieve.run import Run, Step
from odmail.sieve.use import Use

_LONGEST = 1000


def _reject(use: Use) -> Step:
    reason = use.text(0)

    def reject(run: Run) -> None:
        run.act(Reject(reason(run).strip()[:_LONGEST] or "The recipient does not accept this message."))

    return reject


EXTENSION = Extension(
    "reject",
    "5429",
    also=("ereject",),
    verbs=(
        Verb("reject", _reject, ((Takes.STRING,),)),
        Verb("ereject", _reject, ((Takes.STRING,),), requires="ereject"),
    ),
)
