"""How apps find their servers from an address alone."""
