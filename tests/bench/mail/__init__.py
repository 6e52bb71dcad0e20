"""Mail: odmail against Debian's Postfix and Dovecot (LMTP, Maildir)."""
