"""The store's schema, step by step from the first table; run by ``station.adapters.store.opening``."""
