"""What became of each message, event by event, kept for 400 days: for whoever is asked where a message is."""
