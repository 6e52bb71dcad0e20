"""Twisted helpers: listening, TLS, the hop to threads, DNS."""
