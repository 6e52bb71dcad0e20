"""A client and what is said with it, whatever the protocol: the half of a session that talks, and signing in."""
