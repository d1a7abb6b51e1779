"""A MODEL ON DISK: one .safetensors file whose header holds a card; read without torch, loaded with it."""
