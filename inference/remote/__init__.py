"""Inference over HTTP: chooses among the hosts that are well, tries again where that helps, never hangs."""
