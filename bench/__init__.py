"""Measurements, side by side as ratios. Never part of the tests: seconds belong to a machine, ratios to the program."""
