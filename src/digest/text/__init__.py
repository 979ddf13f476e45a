"""Turn text from anywhere into text that is safe and pleasant to read."""
