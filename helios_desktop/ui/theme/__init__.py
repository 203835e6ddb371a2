"""PALETTE -> LOOK: colours, icons and distances, each in one place."""
