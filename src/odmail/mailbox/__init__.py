"""The mail store: one account, one database."""
