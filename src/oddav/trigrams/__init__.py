"""Which rows of a trigram index may fit a filter."""
