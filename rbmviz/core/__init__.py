"""The library: numpy and scipy only."""
