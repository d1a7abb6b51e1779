"""Libraries of others, unchanged, each beside its licence."""
