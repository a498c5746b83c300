"""The demonstration: what the service needs on one machine, started and kept alive together, for a synthetic city."""
