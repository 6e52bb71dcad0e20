"""The LDAP directory: people, posts, offices, groups, aliases, domains."""
