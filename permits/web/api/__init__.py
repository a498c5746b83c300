"""The JSON interface (/api/v1): the same use cases as the pages, for scripts and other systems."""
