"""Nextcloud's Login Flow v2: an app opens the browser, its owner signs in there, the app gets a password of its own."""
