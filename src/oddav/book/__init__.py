"""The directory book: people, posts and lists as cards, found by an index that follows the directory."""
