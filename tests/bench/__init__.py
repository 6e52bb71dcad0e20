"""Side by side with a peer on the same machine in the same run; started by `scripts/bench`."""
