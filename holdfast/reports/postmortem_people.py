"""What people said and did in an incident: words of the provider, promises, pages and decisions. Pure."""

from collections import Counter
from collections.abc import Iterator

from holdfast.reports.blocks import Block, Bullets, Heading, Paragraph, Table, Words
from holdfast.reports.record import Record
from holdfast.reports.words import NONE, counted, instant, plain, refs, seconds, span, text
from models.agreement import Evidence
from models.contacts_log import NOT_SENT, outcomes
from models.instants import format_instant
from models.notice import Notice, Speaker
from models.promise_lines import PromiseLine, promise_lines
from models.questions import Reference
from models.reply_latency import Reply, cadence, replies, silences
from models.summing_up import SIDES, shortened


def communication_blocks(record: Record) -> Iterator[Block]:
    """Yield how the provider spoke: first word, updates, silence; its promises; the other contacts."""
    yield Heading("Communication")
    yield Bullets(tuple(_spoken(record)))
    found = _promises(record)
    if found is None:
        yield Paragraph(text("No agreement was in force: promises are not judged."))
    elif found:
        yield Table(
            "Promises, on the agreed basis",
            ("Said at", "Words", "Of", "Time named", "Came", "What came of it", "Late by"),
            tuple(_promise(one) for one in found),
            frozenset({6}),
        )
    else:
        yield Paragraph(text("The provider named no time."))


def _spoken(record: Record) -> Iterator[Words]:
    evidence = Evidence() if record.contract is None else record.contract.version.evidence
    told = cadence(record.told, record.as_of, evidence)
    said = [one for one in record.told if one.speaker is Speaker.PROVIDER]
    begin = record.incident.started_at
    if told.first_word_at is None:
        yield text("When the provider first spoke is not known.")
    else:
        after = span(told.first_word_at - begin)
        first = refs("notices", (one.notice_id for one in said[:1]))
        yield Words(
            f"First word of the provider: {instant(told.first_word_at)}, {after} after the agreed start.", first
        )
    gaps = silences(record.told, record.as_of, evidence)
    yield Words(f"Statements: {len(said)}; gaps between words with news: {len(gaps)}.", _of(said))
    if gaps:
        worst = max(gaps, key=lambda one: one.length_s(record.as_of))
        end = "and it lasts" if worst.ends_at is None else f"to {instant(worst.ends_at)}"
        yield text(f"Longest silence: {seconds(worst.length_s(record.as_of))}, from {instant(worst.begins_at)} {end}.")
    kinds = Counter(one.kind.value for one in record.communications)
    listed = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())) or "none"
    other = refs("communications", (one.communication_id for one in record.communications))
    yield Words(f"Other contacts on record: {listed}.", other)


def _of(notices: list[Notice]) -> tuple[Reference, ...]:
    return refs("notices", (one.notice_id for one in notices))


def _promises(record: Record) -> tuple[PromiseLine, ...] | None:
    if record.contract is None:
        return None
    return promise_lines(record.told, record.contract.version, record.as_of)


def _promise(one: PromiseLine) -> tuple[Words, ...]:
    promise = one.promise
    named = [name for name in (promise.made.notice_id, promise.corrected_by) if name is not None]
    words = one.phrase or (one.notice.text if one.notice is not None else None) or "a field of the feed"
    return (
        text(instant(promise.made.earliest)),
        Words(shortened(words, 80), refs("notices", named)),
        text("next update" if promise.of == "update" else "restoration"),
        text(instant(promise.promised_at)),
        text(NONE if promise.fulfilled is None else instant(promise.fulfilled.latest)),
        text(promise.keeping.value),
        text(span(promise.late_by)),
    )


def page_blocks(record: Record) -> Iterator[Block]:
    """Yield who was paged, when, and who answered how soon."""
    yield Heading("Pages")
    pages = record.matter.told
    if not pages:
        yield Paragraph(text("Nobody was paged."))
        return
    ended = outcomes(record.matter.deliveries)
    answers = {one.page_id: one for one in replies(record.contacts, record.as_of)}
    rows = []
    for page in pages:
        reply = answers.get(page.page_id)
        late = f" ({seconds(page.late_s)} late)" if page.late_s >= 1 else ""
        row = [
            Words(instant(page.issued_at) + late, refs("pages", [page.page_id])),
            text(record.addressee(page)),
            text(SIDES[page.side]),
            text(f"{page.channel}, rung {page.rung + 1}" + (f", repetition {page.loop}" if page.loop else "")),
            text(page.reason),
            text(plain(ended.get(page.page_id, NOT_SENT))),
            _answer(record, reply),
        ]
        rows.append(tuple(row))
    columns = ("Issued", "To", "Side", "How", "Why", "Delivery", "Answered")
    yield Table(f"{counted(len(pages), 'page')} of the ladders", columns, tuple(rows))


def _answer(record: Record, reply: Reply | None) -> Words:
    if reply is None:
        return text("not brought")
    if reply.answered_at is None or reply.document_id is None:
        return text("no")
    known = {one.communication_id for one in record.communications}
    index = "communications" if reply.document_id in known else "notices"
    return Words(
        f"after {seconds(reply.latency_s)} by {record.role(reply.by or '-')}", refs(index, [reply.document_id])
    )


def decision_blocks(record: Record) -> Iterator[Block]:
    """Yield what people decided: who took it, who muted, what was ruled on claims."""
    yield Heading("Decisions")
    plan = record.matter.plan
    found = [
        (
            one.at,
            Words(
                f"{instant(one.at)}: {record.role(one.person)}: {plain(one.action)}, {SIDES[one.side]}"
                + (f", until {format_instant(one.until)}" if one.until is not None else "")
                + (f" ({one.reason})" if one.reason else ""),
                refs("plans", [record.incident.incident_id]),
            ),
        )
        for one in (plan.answers if plan is not None else ())
    ]
    found += [
        (
            one.order_at,
            Words(
                f"{instant(one.order_at)}: {record.role(one.person or one.source)}: {one.ruling.value} "
                f"{plain(one.phase.value)}" + (f" ({plain(one.reason)})" if one.reason else ""),
                refs("notices", [one.notice_id]),
            ),
        )
        for one in record.told
        if one.ruling is not None
    ]
    if found:
        yield Bullets(tuple(words for _, words in sorted(found, key=lambda one: (one[0], one[1].text))))
    else:
        yield Paragraph(text("No decision is on record."))
