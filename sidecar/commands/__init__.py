"""One thin handler for each method of the contract."""
