"""The station: the desk program that issues European Student Cards."""

__version__ = "0.1.0"
