"""The Python that models run with: finding one, asking it what it can do, and making an environment for it."""
