"""What tests share: a house of fakes around the real store, and the runner of dialog files."""
