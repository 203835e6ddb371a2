"""A SERVER FOR THE PHONE -> what the window shows of it: process (the server), code (what a phone scans), dialog."""
