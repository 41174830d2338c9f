"""What can be wrong with a payload. Pure."""


class PayloadError(ValueError):
    """A payload that can't be read: send it to the dead letters with this reason, and go on.

    Attributes:
        reason: short and stable, such as ``not_json``; the same word stands in dead letters, metrics and docs.
        detail: what exactly, for a person.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


REASONS = {
    "not_json": "the bytes are no JSON",
    "not_csv": "the text is no CSV",
    "not_xml": "the bytes are no well-formed XML",
    "forbidden_xml": "the XML declares a document type or entities, which are refused",
    "wrong_shape": "readable, but not a payload of this format",
    "naive_time": "a time without zone, and no zone is configured for the feed",
    "bad_time": "a field that should be a time is none",
    "link_only": "an index entry that only links to the warning and says nothing itself",
    "unreadable": "the dialect itself failed on it: a fault of ours; replay it after the next update",
    "too_large": "larger than the configured limit",
    "unknown_format": "no dialect of this name",
    "no_envelope": "a mail that did not come through our mailbox, so whom it answers can't be known",
    "not_a_mail": "the bytes are no mail that a person's program would write",
    "unknown_page": "a mail that answers no page that is still known",
    "refused_answer": "an answer to a page that the person's side may not give, or that lacks what it needs",
    "unknown_feed": "no Provider document names this feed",
}
"""Every reason that a dialect may give, in words."""
