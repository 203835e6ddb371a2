"""REQUESTS -> ANSWERS: the library for a browser and a phone. FastAPI and uvicorn live here and nowhere else."""
