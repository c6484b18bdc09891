"""A picture of the store as plain values: what is remembered, why, and the messages it rests on, within a size."""
