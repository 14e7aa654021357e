"""The installed command from export to directory, judged by what it leaves behind."""
