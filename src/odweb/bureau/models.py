"""What each account of this node used when it was last looked at: what long lists are put in order by."""

from django.db import models


class Measured(models.Model):
    """Octets; `stamp` tells whether something changed since."""

    account = models.CharField(max_length=36, primary_key=True)
    stamp = models.BigIntegerField()
    mail = models.BigIntegerField()
    files = models.BigIntegerField()
