"""Training the generator of waste pictures, and measuring it."""
