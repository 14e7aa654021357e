"""Tests of the benchmark's harness, with few people."""
