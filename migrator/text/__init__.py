"""Bytes to text and back: decoding, splicing of edits, and masking of secrets."""
