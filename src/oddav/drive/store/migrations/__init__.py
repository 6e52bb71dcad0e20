"""Revisions of the drive tables."""
