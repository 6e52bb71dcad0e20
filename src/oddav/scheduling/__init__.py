"""Scheduling: who is invited gets to know, within the suite and outside.  RFC 6638, RFC 6047"""
