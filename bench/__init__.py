"""Benchmarks: ratios only, both sides interleaved in one run, results asserted. Run with ``make bench``."""
