"""WsgiDAV over the drive's store: what is HTTP and XML is its, what is kept is ours.  RFC 4918"""
