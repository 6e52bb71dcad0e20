"""People, posts, charges and applications for other programs of the house, such as HRMS: JSON, with tokens."""
