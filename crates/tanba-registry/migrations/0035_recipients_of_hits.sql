-- Those who were told of a genomic hit are told, too, when what it came from is erased or was wrong.

-- The table is made anew because an order is about an answer or about a hit, and always about one of the two.
CREATE TABLE recipient_orders_next (
    id              TEXT PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('delete', 'correct')),
    cause           TEXT NOT NULL CHECK (cause IN ('urgent_unjustified', 'urgent_lapsed', 'erased', 'corrected')),
    cause_id        TEXT NOT NULL,
    request_id      TEXT REFERENCES access_requests (id),
    hit_id          TEXT REFERENCES genomic_hits (id),
    -- Where in the log it was told: of a hit the search that found it.
    answered_seq    BIGINT,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    partner         TEXT NOT NULL,
    owner_id        TEXT,
    sealed_values   BLOB,
    due_on          TEXT NOT NULL,
    log_seq         BIGINT NOT NULL REFERENCES log_entries (seq),
    ordered_at      BIGINT NOT NULL,
    acknowledged_by TEXT REFERENCES accounts (id),
    acknowledged_at BIGINT,
    CHECK ((request_id IS NULL) <> (hit_id IS NULL))
);
INSERT INTO recipient_orders_next (id, kind, cause, cause_id, request_id, hit_id, answered_seq, organisation_id, partner, owner_id, sealed_values, due_on, log_seq, ordered_at, acknowledged_by, acknowledged_at)
    SELECT o.id, o.kind, o.cause, o.cause_id, o.request_id, NULL, r.log_seq, o.organisation_id, o.partner, o.owner_id, o.sealed_values, o.due_on, o.log_seq, o.ordered_at, o.acknowledged_by, o.acknowledged_at
    FROM recipient_orders o JOIN access_requests r ON r.id = o.request_id;
DROP TABLE recipient_orders;
ALTER TABLE recipient_orders_next RENAME TO recipient_orders;
CREATE UNIQUE INDEX recipient_orders_once ON recipient_orders (kind, cause, cause_id, (COALESCE(request_id, hit_id)), partner);
CREATE INDEX recipient_orders_open ON recipient_orders (acknowledged_at, due_on);
CREATE INDEX recipient_orders_organisation ON recipient_orders (organisation_id, ordered_at);
CREATE INDEX recipient_orders_hit ON recipient_orders (hit_id);

CREATE INDEX genomic_hits_query ON genomic_hits (query_id);
CREATE INDEX genomic_hits_specimen ON genomic_hits (specimen_id);
