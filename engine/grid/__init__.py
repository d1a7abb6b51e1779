"""WHERE things lie: windows, georeferencing, how MS lies under PAN, tiles and patches.  No files, no torch."""
