"""Where keys and tokens live."""
