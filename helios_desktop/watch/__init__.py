"""FOLDER -> EVENTS: what lies below a folder, what changed since, and hints that something did."""
