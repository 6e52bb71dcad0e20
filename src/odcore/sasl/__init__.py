"""SASL: one engine for every protocol that asks people to sign in.  RFC 4422"""
