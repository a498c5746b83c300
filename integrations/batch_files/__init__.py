"""Agencies that take batch files only: CSV in a folder that both sides can write to, with receipt files.

The folder of an agency holds `to-agency/` and `from-agency/`, each with batches NAME.csv and a folder `receipts/` in
which the other side answers each of them. A file counts once NAME.csv.ready stands beside it with its digest.
"""
