"""What every HTTP server of Bunri shares: connections that bound what a client may cost, and a drain at the end."""
