"""The inference host: the engine of this process behind HTTP, for bots that run elsewhere."""
