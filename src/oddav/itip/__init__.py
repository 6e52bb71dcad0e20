"""iTIP: what a change of one calendar says to others, and what they say changes in it; no I/O.  RFC 5546, RFC 6638"""
