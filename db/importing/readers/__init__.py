"""What labelling tools write, one module each: a file -> votes and refusals, one by one."""
