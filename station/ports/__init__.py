"""What the station asks of the world outside: one small protocol a file."""
