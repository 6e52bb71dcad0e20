"""The store of collections: one account, one database, whatever protocol reads it."""
