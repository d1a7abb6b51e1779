"""WHAT SHARPENS: every method is `fit(patches) -> state`, then `apply(patch, state) -> array`."""
