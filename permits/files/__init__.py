"""Uploaded documents: checked by what they are, stored encrypted, shown as pictures."""
