"""What strangers find in the DNS about our domains and our server, held against what they should find."""
