"""Calendars, tasks, contacts and files for every app: CalDAV, CardDAV and WebDAV beside an account's mail."""
