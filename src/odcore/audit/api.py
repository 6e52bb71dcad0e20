"""The audit trail's port."""

from typing import Protocol


class Recorder(Protocol):
    """`odcore.audit.trail.Trail.record`"""

    def __call__(self, event: str, actor: str, subject: str, /, **facts: str) -> None:
        """One thing that happened, who did it and to whom."""
