"""THE MODELS THEMSELVES -> THE WINDOW: one comes from the hub, gets ready, and takes over; the person hears of each step."""
