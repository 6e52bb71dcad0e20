"""IMAP: odmail beside Debian's Dovecot, at sizes where growth would show, and with many connections."""
