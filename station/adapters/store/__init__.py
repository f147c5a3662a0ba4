"""The database of the station, and its migrations."""
