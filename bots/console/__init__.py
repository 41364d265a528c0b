"""Bunri in a terminal."""
