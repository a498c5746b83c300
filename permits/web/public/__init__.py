"""The pages anybody may open: the front page with the self-check, the service items, verification, what we promise."""
