"""Which papers matter to this reader: embeddings, scores, keywords, selection."""
