"""Makes the numbers that the program ships, from texts whose licence allows it."""
