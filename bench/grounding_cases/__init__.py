"""Cases for the grounding checks: honest texts, and faults planted into such."""
