"""Signing in to the pages, and out; the sessions a person has open."""
