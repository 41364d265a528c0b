"""How fast Bunri is on this machine, beside the bare model call and torch in the same run."""
