"""What happens at each hook event: one module per event, each returning the text for the model."""
