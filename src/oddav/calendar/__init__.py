"""Calendar objects: what the store keeps of one, and when it happens.  RFC 5545, RFC 4791 9.9"""
