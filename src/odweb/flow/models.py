"""Apps that wait for their owner. No password lies here: it is made when the app comes for it."""

from typing import ClassVar

from django.db import models


class Waiting(models.Model):
    """One app. Of both tokens only the digest is kept."""

    poll = models.CharField(max_length=64, unique=True)  # of what the app asks with
    page = models.CharField(max_length=64, unique=True)  # of what is in the address that the browser opens
    agent = models.CharField(max_length=100)  # what the app calls itself
    address = models.CharField(max_length=45)  # where it asked from
    begun = models.DateTimeField(db_index=True)
    person = models.CharField(max_length=36, default="")  # who let it in: the directory's stable id
    name = models.CharField(max_length=100, default="")  # what they call the device

    class Meta:
        ordering: ClassVar = ["begun"]
