"""Who took the picture: the table of sensors, how one is recognised and what it says of an image's bands."""
