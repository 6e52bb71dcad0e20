"""CalDAV and CardDAV on Radicale: its dispatch, XML and filters, our store, our listings and writes.  RFC 4791, 6352"""
