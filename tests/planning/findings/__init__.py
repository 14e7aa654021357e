"""Findings that rest on the settings of the ends and on the estimate, in a migration in memory."""
