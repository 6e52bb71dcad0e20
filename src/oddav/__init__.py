"""Calendars, tasks and contacts for every app: CalDAV and CardDAV over one database an account."""
