"""The team's server: every statement that PostgreSQL is sent, and the connection it goes through."""
