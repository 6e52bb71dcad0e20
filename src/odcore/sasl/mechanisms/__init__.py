"""SASL mechanisms, one file each. A file dropped in here is known to every protocol."""
