"""The printer drivers that come with the station; they never import each other."""
