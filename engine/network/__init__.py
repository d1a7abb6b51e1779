"""THE MODEL: torch.nn only; knows no file, no scene, no sensor."""
