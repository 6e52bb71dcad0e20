"""Bytes into lines, literals, dot-data and chunks: no I/O, no meaning."""
