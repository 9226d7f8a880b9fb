"""The three cloud functions and what they share."""
