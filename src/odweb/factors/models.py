"""What proves a person besides the password: the secret of an app, passkeys, codes for the day both are lost."""

from typing import ClassVar

from django.db import models


class App(models.Model):
    """The one app that shows a person's codes."""

    person = models.CharField(max_length=36, primary_key=True)
    sealed = models.BinaryField()  # the secret, by `seal`
    made = models.DateTimeField()
    step = models.BigIntegerField(default=0)  # of the last code that was taken: no code is taken twice


class Recovery(models.Model):
    """A code that has not been used yet; only its digest."""

    person = models.CharField(max_length=36, db_index=True)
    digest = models.CharField(max_length=64, unique=True)


class Passkey(models.Model):
    """A key that a device of the person's holds."""

    person = models.CharField(max_length=36, db_index=True)
    credential = models.CharField(max_length=1400, unique=True)  # base64url
    public = models.BinaryField()
    count = models.BigIntegerField(default=0)
    name = models.CharField(max_length=60)
    made = models.DateTimeField()
    used = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["made"]
