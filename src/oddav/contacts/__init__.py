"""Cards: what the store keeps of one.  RFC 2426, RFC 6350"""
