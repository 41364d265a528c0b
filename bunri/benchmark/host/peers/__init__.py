"""Servers of the same model that others would build: programs of their own, each as its documentation has it."""
