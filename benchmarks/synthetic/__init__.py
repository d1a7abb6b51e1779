"""Synthetic scenes of sharp man-made structure, drawn from a seed: python -m benchmarks.synthetic.scene."""
