"""Check a layout before cards depend on it: the dated rules, this printer, and the texts that will come."""
