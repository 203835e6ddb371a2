"""Any open_clip model, on a GPU or a CPU, with torch: the only folder that imports torch and open_clip, and only when asked."""
