"""Leaving a list without signing in, by the link in its mail."""
