"""The managers' pages: figures of valid permits on any day, as known on any day, and the lists behind them."""
