"""A THOUGHT -> A PHOTO, without the window: a box, a line of pictures, gone with Esc."""
