"""How a message may travel: what the receiving domain asks of those who send to it."""
