"""Trains Tanba's learned extractor on prints of nobody. See ../README.md."""
