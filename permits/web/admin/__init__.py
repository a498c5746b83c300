"""What administrators set: the office's own entries of the law."""
