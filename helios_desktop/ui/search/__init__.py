"""WORDS -> ANSWERS: the box a person types into, and the session that turns each question into one answer."""
