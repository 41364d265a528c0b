"""The inference host over HTTP: under load, beyond it, and beside what people would otherwise use."""
