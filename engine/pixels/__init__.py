"""How pixels are filtered: arrays in, arrays out."""
