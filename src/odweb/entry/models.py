"""Sessions as their owners see them; Django's own table knows neither whose they are nor where from."""

from typing import ClassVar

from django.db import models


class Visit(models.Model):
    """One signed-in browser."""

    session = models.CharField(max_length=40, unique=True)  # Django's session key
    person = models.CharField(max_length=36, db_index=True)  # the directory's stable id
    started = models.DateTimeField()
    seen = models.DateTimeField()
    address = models.CharField(max_length=45)
    agent = models.CharField(max_length=300)

    class Meta:
        ordering: ClassVar = ["-seen"]
