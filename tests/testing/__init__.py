"""The kit itself: for each law something is broken, and that law is seen red."""
