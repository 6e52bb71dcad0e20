"""The tree of files of an account: names, contents, versions, trash, properties, locks."""
