"""POP3: the letters of INBOX for programs that know nothing else.  RFC 1939"""
