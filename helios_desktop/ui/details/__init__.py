"""ONE PHOTO -> WHAT IS KNOWN OF IT: facts, stars, and photos like it."""
