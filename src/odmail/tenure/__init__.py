"""Tenures: the mail of a post under one holder, sealed when the charge ends and read by those who come after."""
