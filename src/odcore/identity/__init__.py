"""Who is signing in, and what they may do."""
