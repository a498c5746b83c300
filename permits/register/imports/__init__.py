"""The register of an older system, taken over."""
