"""One use case a file, each in one transaction."""
