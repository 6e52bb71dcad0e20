"""Text messages to mobile phones: spooled on the disk, sent through any gateway that is asked over HTTP."""
