"""The client of ESC-Router."""
