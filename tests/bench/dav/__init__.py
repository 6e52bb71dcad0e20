"""Calendars and files over WebDAV, beside other servers."""
