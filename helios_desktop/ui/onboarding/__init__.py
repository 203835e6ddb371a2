"""NOTHING YET -> WHAT TO DO: the first page, and the page that says one sentence and offers one button."""
