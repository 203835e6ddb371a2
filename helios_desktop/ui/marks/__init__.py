"""WHAT A PERSON MADE -> THE LIBRARY: hearts, stars and albums, shown at once and written in the background."""
