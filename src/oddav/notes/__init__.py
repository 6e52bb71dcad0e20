"""Journals as notes: the two faces of an account's notes, kept alike."""
