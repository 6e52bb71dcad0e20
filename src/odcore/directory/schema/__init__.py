"""The LDAP schema, the access rules and the empty tree, as files that an OpenLDAP of your own can load too."""
