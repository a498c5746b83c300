"""The agencies' board: how the exchange with each goes, what waits, what was put aside, where the books differ."""
