"""The use cases of the desk; they know ports, and neither Qt nor a device."""
