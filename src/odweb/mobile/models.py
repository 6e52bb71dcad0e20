"""Codes that were sent, and how often that was done; neither numbers nor codes can be read from it."""

from django.db import models


class Challenge(models.Model):
    """One code: for one purpose and subject, good once."""

    key = models.CharField(max_length=64, primary_key=True)
    digest = models.CharField(max_length=64)
    tries = models.IntegerField(default=0)
    expires = models.DateTimeField()


class Sent(models.Model):
    """A code was asked for: what the limits count."""

    number = models.CharField(max_length=64, db_index=True)
    network = models.CharField(max_length=50, db_index=True)
    at = models.DateTimeField(db_index=True)
