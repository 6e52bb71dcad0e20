"""Filters without the language: out of office, forwarding, simple rules; kept as one Sieve script beside one's own."""
