"""FILES: the only room that knows GDAL and file names."""
