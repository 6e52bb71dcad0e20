"""People and posts as those see them who administer their office; codes with which people get their first password."""
