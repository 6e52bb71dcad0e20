"""Setting up a device: choose it, get a password of its own and the settings, ready to be copied, scanned or opened."""
