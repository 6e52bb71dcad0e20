"""Reports of others about mail in our name and TLS with us, read and kept; and ours for them.  RFC 9990, RFC 8460"""
