"""What happens at each hook event: one module per event, each with `told(moment)` that returns the text for the model."""
