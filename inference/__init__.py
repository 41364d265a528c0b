"""Photo bytes -> validated pixels -> calibrated probabilities -> a decision."""
