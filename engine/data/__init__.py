"""Training samples: pieces of imagery made coarser, so that what was measured is the truth of what a network gives."""
