"""Turns the JSON documents into text, Markdown and JSON. Reads documents only; decides and computes nothing."""
