"""My files and those of the posts I hold: how much room they take, and what can be had back."""
