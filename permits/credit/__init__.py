"""Who may commit instead of proving: an employer's record of false and broken commitments."""
