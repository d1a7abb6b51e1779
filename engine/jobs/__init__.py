"""THE VERBS: a request in, events out."""
