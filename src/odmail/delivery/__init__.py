"""From an accepted message to a mailbox or the next hop."""
