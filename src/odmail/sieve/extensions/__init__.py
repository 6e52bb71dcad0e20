"""One extension, one file."""
