"""What is true at a desk, as plain values and pure functions; no device, no network, no clock of its own."""
