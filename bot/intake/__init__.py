"""bytes → Message: what a person handed in, read as the mail they ask about. Pure."""
