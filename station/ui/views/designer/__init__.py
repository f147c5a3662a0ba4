"""The designer's window: the card at true size, what can be put on it, and what each thing on it is like."""
