"""Codes that were given out and not used yet, of each only its digest; and who was told that their account ends."""

from typing import ClassVar

from django.db import models


class Told(models.Model):
    """Somebody was told that their account ends."""

    person = models.CharField(max_length=36)
    expires = models.DateTimeField(db_index=True)
    days = models.IntegerField()  # how long before

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "expires", "days"], name="told_once")]


class Code(models.Model):
    """Good for setting the password of one person, once."""

    person = models.CharField(max_length=36, primary_key=True)  # a new code makes the older one void
    digest = models.CharField(max_length=64, unique=True)
    maker = models.CharField(max_length=36)
    expires = models.DateTimeField()
