"""Pages and the JSON interface: what people and programs meet. It decides nothing; the features do."""
