"""The ports, made real: each device and its virtual twin side by side."""
