"""Mail: SMTP, IMAP, the queue, delivery and the mail store."""
