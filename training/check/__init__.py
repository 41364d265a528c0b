"""Checks of a data set, each a pure function of what ``training.scan`` saw, and the report they make up."""
