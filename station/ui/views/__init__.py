"""Widgets, one screen a file; each knows its view-model only."""
