"""What hostile octets are tried on: a module for each target, whose `one(data)` returns or says what does not hold.

`scripts/fuzz` searches for octets that break one, guided by coverage; tests/property/test_fuzz_corpus.py replays what
was found.
"""
