"""Widgets that know colours and shapes, and nothing of cards."""
