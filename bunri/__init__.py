"""The composition root: settings, wiring and the command line. Imports everything; nothing imports it."""

__version__ = "0.1.0"
