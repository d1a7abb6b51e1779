"""Time and memory beside other programs."""
