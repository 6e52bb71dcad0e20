"""Applications. The account that comes of one is in the directory alone."""

from typing import ClassVar

from django.db import models

from odcore.ids import uuid7


class Application(models.Model):
    """One person's wish for an account."""

    class State(models.TextChoices):
        """In this order; REFUSED may follow OFFICE and AGENCY."""

        OPEN = "open"  # the mobile number is not verified yet, or no address chosen
        OFFICE = "office"  # waits for the head of office
        AGENCY = "agency"  # waits for the agency
        MAKING = "making"
        MADE = "made"
        REFUSED = "refused"

    key = models.CharField(max_length=36, primary_key=True, default=uuid7)
    reference = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN, db_index=True)
    language = models.CharField(max_length=5)  # of the applicant
    name = models.CharField(max_length=200)
    odia = models.CharField(max_length=200, default="")
    employee = models.CharField(max_length=64, default="")
    title = models.CharField(max_length=200)
    office = models.CharField(max_length=36, db_index=True)  # its id
    mobile = models.CharField(max_length=20)
    email = models.CharField(max_length=254, default="")
    contract = models.BooleanField(default=False)
    expires = models.DateField()  # retirement, or end of contract
    address = models.CharField(max_length=64, default="")  # the local part that was chosen
    post = models.CharField(max_length=200, default="")  # the post whose mail is wished, in the applicant's words
    sent = models.DateTimeField(null=True)
    due = models.DateTimeField(null=True)  # when the present stage should be over
    reminded = models.DateTimeField(null=True)
    changed = models.DateTimeField()
    checker = models.CharField(max_length=36, default="")  # who approved for the office
    agent = models.CharField(max_length=36, default="")  # who approved for the agency
    reason = models.CharField(max_length=500, default="")
    account = models.CharField(max_length=36, default="")

    class Meta:
        ordering: ClassVar = ["due"]
