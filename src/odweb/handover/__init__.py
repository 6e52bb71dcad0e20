"""What a post holds, for who hands it over: pages for its holders, and the charge report."""
