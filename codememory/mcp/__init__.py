"""The tools for the model, over stdio."""
