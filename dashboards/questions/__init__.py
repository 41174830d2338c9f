"""Questions about the record, each with its answer and what that rests on."""
