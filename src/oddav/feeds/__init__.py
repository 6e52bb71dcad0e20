"""Calendars that others keep: holidays of the house, and subscribed calendars from outside. People only read them."""
