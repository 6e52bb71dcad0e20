"""People out of a sheet: sent, mended, submitted, approved by somebody else, created, taken back."""
