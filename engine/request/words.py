"""The names that can be chosen, and how far numbers may go."""

from __future__ import annotations

# The names are a promise to scripts and saved models: add, never rename.
METHODS = (
    "exp",
    "brovey",
    "gihs",
    "gs",
    "gsa",
    "bdsd-pc",
    "sfim",
    "mtf-glp",
    "mtf-glp-fs",
    "mtf-glp-hpm",
    "bt-h",
)
LEARNED = "ksdiff"  # the method that a model file makes; not one of METHODS, which need nothing but the pair
DEFAULT_METHOD = LEARNED  # of the command line and of QGIS
CLASSICAL = "mtf-glp-fs"  # the best of METHODS on average, which takes over where no model can work
DEVICES = ("auto", "cpu", "cuda", "mps")
CONTEXTS = ("scene", "tile")  # what a model makes its kernels for: once for all, or for each of many cells
WEIGHTED = ("brovey", "gihs")  # the methods that take band weights
RESAMPLINGS = ("nearest", "bilinear", "cubic", "cubicspline", "lanczos", "average", "polynomial")
VARIANTS = ("auto", "cpu", "cuda")  # what an environment for models computes on
COVERAGES = ("intersection", "union")
DATA_TYPES = ("same", "byte", "uint16", "int16", "uint32", "int32", "float32", "float64")
FORMATS = ("gtiff", "cog")
CONVENTIONS = ("geometric", "toolbox")
SELF = "self"  # in place of a Python for a worker: compute in this process
MAX_THREADS = 256
MOST_SEED = 2**63 - 1
LEAST_MINUTES, MOST_MINUTES = 0.01, 1440.0  # that a model is adapted
