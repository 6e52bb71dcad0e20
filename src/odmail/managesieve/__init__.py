"""ManageSieve: people keep their Sieve scripts on the server from their own apps.  RFC 5804"""
