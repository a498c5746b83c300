"""The register of work permits: one person, one number for life; permits, their endings, and the ledger of both."""
