"""Many people at once, out of a sheet: read, judged row by row, created, taken back. Nothing happens while judging."""
