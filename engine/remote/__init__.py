"""PyTorch in another process: what starts it, talks to it, and runs in it."""
