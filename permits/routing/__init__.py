"""Joint cases across agencies: what goes to whom and when, what came back, each message kept as evidence."""
