"""What each method does to a calendar: one file a method.  RFC 5546 3.2"""
