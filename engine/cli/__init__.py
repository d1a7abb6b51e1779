"""THE DOOR FOR PEOPLE WITHOUT QGIS: verbs on the command line."""
