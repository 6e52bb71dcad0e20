"""Who lets whom act on what is theirs: the register of grants that mail, calendars and files share."""
