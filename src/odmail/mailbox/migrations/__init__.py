"""Revisions of the mail tables."""
