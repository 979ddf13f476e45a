"""Renderers: a `Digest` becomes a page. They know `digest.paper` and `digest.text` only."""
