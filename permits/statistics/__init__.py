"""What managers ask: how many permits are valid, by what, why more or fewer, and the lists behind each figure."""
