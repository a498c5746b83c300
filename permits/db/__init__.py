"""The database: connections, transactions, statements, keys; the embedded PostgreSQL of the demonstration."""
