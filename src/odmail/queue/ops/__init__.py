"""Use cases of the queue: one function, one transaction."""
