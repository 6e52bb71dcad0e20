"""People, posts, charges, applications and the queue for other programs of the house: JSON, with tokens."""
