"""Get feeds and read papers out of them."""
