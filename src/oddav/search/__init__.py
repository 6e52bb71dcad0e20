"""A text index of an account's cards, made when they are searched: the books have it all."""
