"""The hint that something is on its way."""

import msgspec

from odcore.ids import AccountId


class SchedulingWork(msgspec.Struct, frozen=True, tag="scheduling"):
    """An account has messages for others."""

    account: AccountId
