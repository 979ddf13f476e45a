"""What measures. Nothing here is timed in tests; figures go to bench/RESULTS.md as measured."""
