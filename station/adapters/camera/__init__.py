"""Cameras: real ones, files and streams, and the demo's own."""
