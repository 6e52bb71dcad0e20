"""RFC 5322 messages and MIME by offsets: pure functions over bytes that never alter them."""
