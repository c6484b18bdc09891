"""Share what is durable with a team through PostgreSQL: a log of events, merged to the same state everywhere."""
