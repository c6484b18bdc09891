"""Turn raw text into evidence: failures and their signatures, attempts, decisions, marks."""
