"""What makes the numbers that ship, from texts whose licence allows it."""
