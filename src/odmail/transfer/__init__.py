"""Mail from other systems into accounts, and out of them: IMAP, mbox, Maildir."""
