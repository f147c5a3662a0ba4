"""Cards in software: for the demo bench, for tests, and through vpcd for any PC/SC program.

Written from the data sheets' behaviour, without a line of the encoder: if both were the same code run backwards, a
mistake in it would agree with itself.
"""
