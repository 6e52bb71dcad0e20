"""One message to a thousand: how long, how much memory, how much disk."""
