"""The composition root: the only place that names concrete adapters and printers; it builds, wires, stops."""
