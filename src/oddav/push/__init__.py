"""Devices are told that a calendar or an address book has changed, by a push service that the site allows."""
