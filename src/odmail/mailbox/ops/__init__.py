"""One file for each use case: one function, one transaction, one broadcast."""
