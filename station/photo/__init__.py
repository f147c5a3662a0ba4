"""From camera frames to a portrait and the findings about it."""
