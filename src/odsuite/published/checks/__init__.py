"""The checks, one file each; a file in this folder with a `CHECK` is a check."""
