"""Pansharpening without QGIS: numbers and files.  This package imports nothing until a verb is asked for."""

__version__ = "0.1.0"
