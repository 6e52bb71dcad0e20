"""Calendars from outside that somebody wants to see beside their own."""
