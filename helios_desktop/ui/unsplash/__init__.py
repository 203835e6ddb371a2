"""PHOTOS THAT LIE ELSEWHERE -> THE WINDOW: a data set is imported and searched; pictures come when they are looked at."""
