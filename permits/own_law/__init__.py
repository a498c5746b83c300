"""The office's own entries of the law: taken in by an administrator, kept for good, followed by every process."""
