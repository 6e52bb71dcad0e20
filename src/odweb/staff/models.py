"""Codes that were given out and not used yet; of each only its digest."""

from django.db import models


class Code(models.Model):
    """Good for setting the password of one person, once."""

    person = models.CharField(max_length=36, primary_key=True)  # a new code makes the older one void
    digest = models.CharField(max_length=64, unique=True)
    maker = models.CharField(max_length=36)
    expires = models.DateTimeField()
