"""THE ONLY PLACE THAT JOINS STEPS: events to catalogue to vectors, questions to answers."""
