"""Card readers: PC/SC, and a software card on a software reader."""
