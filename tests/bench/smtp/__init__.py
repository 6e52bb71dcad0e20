"""SMTP with the checks of senders: odmail against Debian's Postfix with pyspf, OpenDKIM and OpenDMARC."""
