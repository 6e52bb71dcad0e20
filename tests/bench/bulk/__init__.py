"""Sheets of people: how long until each row has its verdict, and until all accounts are there."""
