"""The command line: everything that the window does, for IT staff and for scripts."""
