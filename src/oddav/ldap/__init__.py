"""The directory book over LDAP, for mail programs that know no other way to a directory.  RFC 4511"""
