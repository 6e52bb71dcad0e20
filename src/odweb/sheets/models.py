"""Sheets in progress. What they make is in the directory, and in the batch's journal."""

from typing import ClassVar

import msgspec
from django.db import models

from odcore.directory.bulk.candidate import Candidate, Verdict
from odcore.ids import uuid7


class Sheet(models.Model):
    """One file that somebody sent."""

    class State(models.TextChoices):
        """In this order; `refused` goes back to the maker."""

        DRAFT = "draft"
        SUBMITTED = "submitted"
        REFUSED = "refused"
        MAKING = "making"
        MADE = "made"
        UNDONE = "undone"

    key = models.CharField(max_length=36, primary_key=True, default=uuid7)
    name = models.CharField(max_length=200)
    maker = models.CharField(max_length=36, db_index=True)  # the directory's stable ids
    maker_name = models.CharField(max_length=200)
    checker = models.CharField(max_length=36, default="")
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    office = models.CharField(max_length=36)  # of rows that name none
    reason = models.CharField(max_length=500, default="")
    changed = models.DateTimeField()
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    offices = models.TextField(default="")  # ids of all that people will be created in
    candidates = models.BinaryField()  # JSON: each row with its verdict

    class Meta:
        ordering: ClassVar = ["-changed"]

    @property
    def rows(self) -> list[Candidate]:
        """As last judged; once they are made, what became of each."""
        return msgspec.json.decode(bytes(self.candidates), type=list[Candidate])

    @rows.setter
    def rows(self, rows: list[Candidate]) -> None:
        self.candidates = msgspec.json.encode(rows)
        well = [each for each in rows if each.verdict is Verdict.OK]
        self.total = len(well)
        self.offices = " ".join(sorted({self.office, *(each.office for each in well)}))

    @property
    def is_open(self) -> bool:
        """May the maker still change it?"""
        return self.state in (self.State.DRAFT, self.State.REFUSED)
