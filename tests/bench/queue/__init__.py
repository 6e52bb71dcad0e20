"""A long queue, half of whose destinations are dead."""
