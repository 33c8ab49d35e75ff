-- Genomic registration: lineage markers beside the profile, possible contamination, searches by likelihood ratio that are
-- sanctioned with the number of leads to expect, findings of two examiners, reconciliation of the missing and the dead.

-- The tables are made anew because remains may have no autosomal profile, and because a hit knows more states.
CREATE TABLE genomic_hits_kept (
    id            TEXT PRIMARY KEY,
    search_id     TEXT NOT NULL,
    specimen_id   TEXT NOT NULL,
    loci_compared BIGINT NOT NULL,
    mismatches    BIGINT NOT NULL,
    log10_lr      DOUBLE PRECISION,
    state         TEXT NOT NULL
);
INSERT INTO genomic_hits_kept (id, search_id, specimen_id, loci_compared, mismatches, log10_lr, state)
    SELECT id, search_id, specimen_id, loci_compared, mismatches, log10_lr, state FROM genomic_hits;
DROP TABLE genomic_hits;

CREATE TABLE specimens_next (
    id             TEXT PRIMARY KEY,
    category       TEXT NOT NULL,
    person_id      TEXT REFERENCES persons (id),
    case_id        TEXT REFERENCES cases (id),
    client_key     TEXT NOT NULL UNIQUE,
    request_hash   BLOB NOT NULL,
    sealed_label   BLOB NOT NULL,
    sealed_profile BLOB,
    -- Y, mitochondrial and SNP markers in one: a column for each would tell the sex.
    sealed_lineage BLOB,
    loci           BIGINT NOT NULL,
    -- What went through the laboratory together.
    batch          TEXT,
    state          TEXT NOT NULL CHECK (state IN ('active', 'withdrawn', 'blocked')),
    pack           TEXT NOT NULL,
    pack_hash      TEXT NOT NULL,
    clause         TEXT NOT NULL,
    retain_until   TEXT,
    entered_by     TEXT NOT NULL REFERENCES accounts (id),
    entered_at     BIGINT NOT NULL
);
INSERT INTO specimens_next (id, category, person_id, case_id, client_key, request_hash, sealed_label, sealed_profile, sealed_lineage, loci, batch, state, pack, pack_hash, clause, retain_until, entered_by, entered_at)
    SELECT id, category, person_id, case_id, client_key, request_hash, sealed_label, sealed_profile, NULL, loci, NULL, state, pack, pack_hash, clause, retain_until, entered_by, entered_at FROM specimens;
DROP TABLE specimens;
ALTER TABLE specimens_next RENAME TO specimens;
CREATE INDEX specimens_batch ON specimens (batch);

-- In which case and for what a genomic search was made, and how many hits it was to give by chance.
ALTER TABLE searches ADD COLUMN case_id TEXT REFERENCES cases (id);
ALTER TABLE searches ADD COLUMN purpose TEXT;
ALTER TABLE searches ADD COLUMN expected_by_chance DOUBLE PRECISION;

-- A hit of the first version does not say what was searched with: it can be read, and is searched for again to be examined.
CREATE TABLE genomic_hits (
    id            TEXT PRIMARY KEY,
    search_id     TEXT NOT NULL REFERENCES searches (id),
    query_id      TEXT REFERENCES specimens (id),
    specimen_id   TEXT NOT NULL REFERENCES specimens (id),
    method        TEXT NOT NULL CHECK (method IN ('rule', 'lineage', 'likelihood_ratio')),
    relation      TEXT,
    loci_compared BIGINT NOT NULL,
    mismatches    BIGINT NOT NULL,
    log10_lr      DOUBLE PRECISION,
    state         TEXT NOT NULL CHECK (state IN ('open', 'disputed', 'confirmed', 'rejected', 'inconclusive', 'void'))
);
INSERT INTO genomic_hits (id, search_id, query_id, specimen_id, method, relation, loci_compared, mismatches, log10_lr, state)
    SELECT id, search_id, NULL, specimen_id, 'rule', NULL, loci_compared, mismatches, log10_lr, state FROM genomic_hits_kept;
DROP TABLE genomic_hits_kept;
CREATE INDEX genomic_hits_state ON genomic_hits (state);

-- What an examiner finds of a hit or of a reconciliation. Written once; nobody sees another's before giving their own.
CREATE TABLE genomic_findings (
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('hit', 'reconciliation')),
    subject_id   TEXT NOT NULL,
    account_id   TEXT NOT NULL REFERENCES accounts (id),
    verdict      TEXT NOT NULL CHECK (verdict IN ('same', 'different', 'inconclusive')),
    sealed_notes BLOB,
    found_at     BIGINT NOT NULL,
    PRIMARY KEY (subject_kind, subject_id, account_id)
);

-- A stain that agrees with a profile of staff, visitors or reagents, or with a stain of another case in its batch.
CREATE TABLE contaminations (
    id            TEXT PRIMARY KEY,
    specimen_id   TEXT NOT NULL REFERENCES specimens (id),
    other_id      TEXT NOT NULL REFERENCES specimens (id),
    kind          TEXT NOT NULL CHECK (kind IN ('elimination', 'batch')),
    loci_compared BIGINT NOT NULL,
    mismatches    BIGINT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'contamination', 'cleared')),
    found_at      BIGINT NOT NULL,
    sealed_reason BLOB,
    decided_by    TEXT REFERENCES accounts (id),
    decided_at    BIGINT,
    UNIQUE (specimen_id, other_id)
);
CREATE INDEX contaminations_open ON contaminations (state, found_at);
CREATE INDEX contaminations_other ON contaminations (other_id);

-- What a search rests on beside the profiles: the reference sequence, tables of allele frequencies. About nobody.
CREATE TABLE genomic_references (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL CHECK (kind IN ('mitochondrial_reference', 'allele_frequencies')),
    name       TEXT NOT NULL,
    content    TEXT NOT NULL,
    sha256     TEXT NOT NULL,
    entered_by TEXT NOT NULL REFERENCES accounts (id),
    entered_at BIGINT NOT NULL,
    UNIQUE (kind, name)
);

-- A search by likelihood ratio: asked for with the number of unrelated leads to expect, sanctioned by another officer who
-- has seen that number, and made once.
CREATE TABLE lr_requests (
    id              TEXT PRIMARY KEY,
    specimen_id     TEXT NOT NULL REFERENCES specimens (id),
    case_id         TEXT NOT NULL REFERENCES cases (id),
    purpose         TEXT NOT NULL,
    legal_basis     TEXT NOT NULL,
    question        TEXT NOT NULL,
    profiles        BIGINT NOT NULL,
    unrelated_leads DOUBLE PRECISION NOT NULL,
    share_found     DOUBLE PRECISION NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('asked', 'sanctioned', 'refused', 'made')),
    asked_by        TEXT NOT NULL REFERENCES accounts (id),
    asked_at        BIGINT NOT NULL,
    sealed_reason   BLOB,
    decided_by      TEXT REFERENCES accounts (id),
    decided_at      BIGINT,
    search_id       TEXT REFERENCES searches (id)
);
CREATE INDEX lr_requests_state ON lr_requests (state, asked_at);

-- That a body is a missing person: proposed by one, decided by two experts, and only then are the two sides joined. A
-- withdrawal is decided in the same way.
CREATE TABLE reconciliations (
    id              TEXT PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('identification', 'withdrawal')),
    withdraws       TEXT REFERENCES reconciliations (id),
    post_mortem_id  TEXT NOT NULL REFERENCES specimens (id),
    ante_mortem_id  TEXT NOT NULL REFERENCES specimens (id),
    case_id         TEXT NOT NULL REFERENCES cases (id),
    hit_id          TEXT REFERENCES genomic_hits (id),
    sealed_reason   BLOB NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('open', 'disputed', 'confirmed', 'rejected', 'inconclusive', 'withdrawn')),
    proposed_by     TEXT NOT NULL REFERENCES accounts (id),
    proposed_at     BIGINT NOT NULL
);
CREATE INDEX reconciliations_state ON reconciliations (state, proposed_at);
CREATE INDEX reconciliations_post_mortem ON reconciliations (post_mortem_id);
