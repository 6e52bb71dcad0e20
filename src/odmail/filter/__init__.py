"""Is this mail wanted? Checks of the client, the envelope and the content, one file each; their memory; scanners."""
