"""The view: one self-contained page that shows a picture of the store."""
