"""Files of people and posts, kept beside their mail."""
