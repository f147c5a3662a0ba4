"""What the demo and the tests talk to: an ESC-Router of our own, the demo bench and its faults."""
