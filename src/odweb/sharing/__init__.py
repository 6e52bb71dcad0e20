"""Folders, calendars and address books shared with others, of oneself and of the posts one holds."""
