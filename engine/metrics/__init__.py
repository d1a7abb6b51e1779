"""How good: quality indexes in float64, each with its definition named."""
