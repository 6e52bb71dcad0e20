"""The mailbox of Apple Notes, as one face of the notes of an account."""
