"""The mail queue: durable before 250, drained by the queue worker."""
