"""People who act on my mail, or on that of a post I hold, as private secretaries do."""
