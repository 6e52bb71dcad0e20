"""SMTP: the MX, submission and LMTP, and the client that sends to others.  RFC 5321, RFC 6409, RFC 2033"""
