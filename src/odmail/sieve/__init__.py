"""The Sieve mail filtering language: what a script says is to become of a message. No I/O.  RFC 5228"""
