"""What is said to the chip: bytes in, bytes out, no reader."""
