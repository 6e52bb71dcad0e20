"""Revisions of the database of device uses."""
