"""People: who they are, what they may do in which city, their sessions and tokens, and the record of who did what."""
