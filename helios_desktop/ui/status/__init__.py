"""PROGRESS -> WORDS: the bar at the bottom, and the list of files that need attention."""
