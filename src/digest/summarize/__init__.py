"""Summaries: from the abstract's own sentences, or from a GGUF model, checked against the abstract."""
