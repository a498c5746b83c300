"""An application from draft to closed: its parties, documents, states, clocks, and who may do what next."""
