"""Registers, where holders come from."""
