"""The command line: one file, one command or group, found by its name."""
