"""The algorithms: one per file, the file named like the algorithm."""
