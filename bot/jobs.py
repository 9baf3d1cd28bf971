"""The durable queue's actors: acknowledge, check, and what people wish for; each may run twice and says things once."""
