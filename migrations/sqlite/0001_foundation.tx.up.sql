-- Every row belongs to a workspace; keys begin with it, and foreign keys carry
-- it, so that no row can hang on one of another workspace.

CREATE TABLE persona (
    workspace_id   TEXT NOT NULL CHECK (workspace_id <> ''),
    id             TEXT NOT NULL,
    status         TEXT NOT NULL,
    merged_into    TEXT,
    name           TEXT,
    role           TEXT,
    location       TEXT,
    summary        TEXT,
    name_key       TEXT NOT NULL,
    role_key       TEXT NOT NULL,
    location_key   TEXT NOT NULL,
    tags           TEXT NOT NULL,
    version_number INTEGER NOT NULL,
    hash           TEXT NOT NULL,
    profile_json   TEXT,
    document_json  TEXT,
    created_at     TIMESTAMP NOT NULL,
    updated_at     TIMESTAMP NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX persona_created ON persona (workspace_id, created_at, id);
CREATE INDEX persona_updated ON persona (workspace_id, updated_at, id);
CREATE INDEX persona_name ON persona (workspace_id, name_key, id);
CREATE INDEX persona_role ON persona (workspace_id, role_key);
CREATE INDEX persona_location ON persona (workspace_id, location_key);
CREATE INDEX persona_status ON persona (workspace_id, status);

CREATE TABLE source (
    workspace_id TEXT NOT NULL,
    id           TEXT NOT NULL,
    persona_id   TEXT NOT NULL,
    kind         TEXT NOT NULL,
    status       TEXT NOT NULL,
    title        TEXT,
    url          TEXT,
    language     TEXT,
    text         TEXT,
    length       INTEGER,
    sha256       TEXT,
    as_of        TIMESTAMP,
    created_at   TIMESTAMP NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE
);
CREATE UNIQUE INDEX source_text ON source (workspace_id, persona_id, sha256);
CREATE INDEX source_persona ON source (workspace_id, persona_id, created_at, id);

CREATE TABLE run (
    workspace_id    TEXT NOT NULL,
    id              TEXT NOT NULL,
    persona_id      TEXT NOT NULL,
    engine          TEXT NOT NULL,
    model           TEXT,
    prompt_hash     TEXT NOT NULL,
    stage           TEXT NOT NULL,
    progress        REAL NOT NULL,
    failure         TEXT,
    attempts        INTEGER NOT NULL,
    input_tokens    INTEGER NOT NULL,
    output_tokens   INTEGER NOT NULL,
    cost_micros     INTEGER NOT NULL,
    claims_proposed INTEGER NOT NULL,
    claims_proven   INTEGER NOT NULL,
    created_at      TIMESTAMP NOT NULL,
    started_at      TIMESTAMP,
    finished_at     TIMESTAMP,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE
);
CREATE INDEX run_persona ON run (workspace_id, persona_id, created_at, id);

CREATE TABLE claim (
    workspace_id TEXT NOT NULL,
    id           TEXT NOT NULL,
    persona_id   TEXT NOT NULL,
    source_id    TEXT,
    run_id       TEXT,
    author       TEXT,
    op           TEXT NOT NULL,
    path         TEXT NOT NULL,
    key          TEXT NOT NULL,
    value        TEXT NOT NULL,
    detail       TEXT,
    basis        TEXT NOT NULL,
    confidence   INTEGER NOT NULL,
    "start"      INTEGER NOT NULL,
    "end"        INTEGER NOT NULL,
    quote        TEXT NOT NULL,
    valid_from   TEXT NOT NULL,
    valid_to     TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, source_id) REFERENCES source ON DELETE CASCADE
);
CREATE INDEX claim_persona ON claim (workspace_id, persona_id);
CREATE INDEX claim_source ON claim (workspace_id, source_id);
CREATE INDEX claim_run ON claim (workspace_id, run_id, created_at, id);

-- What a claim rests on. The cited claim may be gone: a narrative then no longer counts.
CREATE TABLE cites (
    workspace_id TEXT NOT NULL,
    claim_id     TEXT NOT NULL,
    cited        TEXT NOT NULL,
    PRIMARY KEY (workspace_id, claim_id, cited),
    FOREIGN KEY (workspace_id, claim_id) REFERENCES claim ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX cites_cited ON cites (workspace_id, cited);

-- A version's set of claims, as intervals: from_version <= number < to_version.
CREATE TABLE member (
    workspace_id TEXT NOT NULL,
    persona_id   TEXT NOT NULL,
    claim_id     TEXT NOT NULL,
    from_version INTEGER NOT NULL,
    to_version   INTEGER,
    PRIMARY KEY (workspace_id, persona_id, claim_id, from_version),
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, claim_id) REFERENCES claim ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX member_claim ON member (workspace_id, claim_id);
CREATE INDEX member_live ON member (workspace_id, persona_id) WHERE to_version IS NULL;

CREATE TABLE version (
    workspace_id TEXT NOT NULL,
    persona_id   TEXT NOT NULL,
    number       INTEGER NOT NULL,
    reason       TEXT NOT NULL,
    author       TEXT NOT NULL,
    hash         TEXT NOT NULL,
    redacted     BOOLEAN NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    PRIMARY KEY (workspace_id, persona_id, number),
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE
) WITHOUT ROWID;

-- What personas are filtered and counted by.
CREATE TABLE facet (
    workspace_id TEXT NOT NULL,
    persona_id   TEXT NOT NULL,
    kind         TEXT NOT NULL,
    key          TEXT NOT NULL,
    value        TEXT NOT NULL,
    PRIMARY KEY (workspace_id, persona_id, kind, key),
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX facet_key ON facet (workspace_id, kind, key, persona_id);

-- Exact counts, kept by the triggers below. SQLite has one writer: shard is always 0.
CREATE TABLE rollup (
    workspace_id TEXT NOT NULL,
    kind         TEXT NOT NULL,
    key          TEXT NOT NULL,
    shard        INTEGER NOT NULL,
    n            INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, kind, key, shard)
) WITHOUT ROWID;

-- The processes that work on the queue, and when each last showed itself.
CREATE TABLE node (
    name    TEXT PRIMARY KEY,
    beat_at TIMESTAMP NOT NULL
);

-- ------------------------------------------------------------------ search

-- What the two indexes below are made of. They keep no text of their own, and
-- secure-delete takes an erased word out of them at once.
CREATE TABLE search (
    docid        INTEGER PRIMARY KEY,
    workspace_id TEXT NOT NULL,
    persona_id   TEXT NOT NULL,
    heads        TEXT NOT NULL,
    words        TEXT NOT NULL,
    name         TEXT NOT NULL,
    UNIQUE (workspace_id, persona_id),
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE
);

CREATE VIRTUAL TABLE search_words USING fts5 (
    heads, words, content = 'search', content_rowid = 'docid',
    tokenize = 'porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE search_names USING fts5 (
    name, content = 'search', content_rowid = 'docid', tokenize = 'trigram remove_diacritics 1');
INSERT INTO search_words (search_words, rank) VALUES ('secure-delete', 1);
INSERT INTO search_names (search_names, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER search_inserted AFTER INSERT ON search BEGIN
    INSERT INTO search_words (rowid, heads, words) VALUES (new.docid, new.heads, new.words);
    INSERT INTO search_names (rowid, name) VALUES (new.docid, new.name);
END;
CREATE TRIGGER search_updated AFTER UPDATE ON search BEGIN
    INSERT INTO search_words (search_words, rowid, heads, words) VALUES ('delete', old.docid, old.heads, old.words);
    INSERT INTO search_words (rowid, heads, words) VALUES (new.docid, new.heads, new.words);
    INSERT INTO search_names (search_names, rowid, name) VALUES ('delete', old.docid, old.name);
    INSERT INTO search_names (rowid, name) VALUES (new.docid, new.name);
END;
CREATE TRIGGER search_deleted AFTER DELETE ON search BEGIN
    INSERT INTO search_words (search_words, rowid, heads, words) VALUES ('delete', old.docid, old.heads, old.words);
    INSERT INTO search_names (search_names, rowid, name) VALUES ('delete', old.docid, old.name);
END;

-- ------------------------------------------------------------------ rollups

CREATE TRIGGER persona_inserted AFTER INSERT ON persona BEGIN
    INSERT INTO rollup VALUES
        (new.workspace_id, 'status', new.status, 0, 1),
        (new.workspace_id, 'day', substr(new.created_at, 1, 10), 0, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER persona_updated AFTER UPDATE OF status ON persona WHEN new.status <> old.status BEGIN
    INSERT INTO rollup VALUES
        (new.workspace_id, 'status', new.status, 0, 1),
        (old.workspace_id, 'status', old.status, 0, -1)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;
CREATE TRIGGER persona_deleted AFTER DELETE ON persona BEGIN
    UPDATE rollup SET n = n - 1 WHERE workspace_id = old.workspace_id
        AND (kind = 'status' AND key = old.status OR kind = 'day' AND key = substr(old.created_at, 1, 10));
END;

CREATE TRIGGER source_inserted AFTER INSERT ON source BEGIN
    INSERT INTO rollup VALUES (new.workspace_id, 'source', '', 0, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER source_deleted AFTER DELETE ON source BEGIN
    UPDATE rollup SET n = n - 1 WHERE workspace_id = old.workspace_id AND kind = 'source' AND key = '';
END;

CREATE TRIGGER claim_inserted AFTER INSERT ON claim BEGIN
    INSERT INTO rollup VALUES (new.workspace_id, 'claim', '', 0, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER claim_deleted AFTER DELETE ON claim BEGIN
    UPDATE rollup SET n = n - 1 WHERE workspace_id = old.workspace_id AND kind = 'claim' AND key = '';
END;

-- A key that falls to nothing goes: it may be a word that was to be erased.
CREATE TRIGGER facet_inserted AFTER INSERT ON facet BEGIN
    INSERT INTO rollup VALUES (new.workspace_id, new.kind, new.key, 0, 1) ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER facet_deleted AFTER DELETE ON facet BEGIN
    UPDATE rollup SET n = n - 1 WHERE workspace_id = old.workspace_id AND kind = old.kind AND key = old.key;
    DELETE FROM rollup WHERE workspace_id = old.workspace_id AND kind = old.kind AND key = old.key AND n = 0;
END;

CREATE TRIGGER run_inserted AFTER INSERT ON run BEGIN
    INSERT INTO rollup VALUES
        (new.workspace_id, 'run', 'proposed', 0, new.claims_proposed),
        (new.workspace_id, 'run', 'proven', 0, new.claims_proven),
        (new.workspace_id, 'run', 'input', 0, new.input_tokens),
        (new.workspace_id, 'run', 'output', 0, new.output_tokens),
        (new.workspace_id, 'run', 'cost', 0, new.cost_micros),
        (new.workspace_id, 'run', 'done', 0, new.stage = 'DONE'),
        (new.workspace_id, 'run', 'ms', 0, iif(new.stage = 'DONE',
            coalesce(round((unixepoch(new.finished_at, 'subsec') - unixepoch(new.started_at, 'subsec')) * 1000), 0), 0))
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;
CREATE TRIGGER run_updated AFTER UPDATE ON run BEGIN
    INSERT INTO rollup VALUES
        (new.workspace_id, 'run', 'proposed', 0, new.claims_proposed - old.claims_proposed),
        (new.workspace_id, 'run', 'proven', 0, new.claims_proven - old.claims_proven),
        (new.workspace_id, 'run', 'input', 0, new.input_tokens - old.input_tokens),
        (new.workspace_id, 'run', 'output', 0, new.output_tokens - old.output_tokens),
        (new.workspace_id, 'run', 'cost', 0, new.cost_micros - old.cost_micros),
        (new.workspace_id, 'run', 'done', 0, (new.stage = 'DONE') - (old.stage = 'DONE')),
        (new.workspace_id, 'run', 'ms', 0,
            iif(new.stage = 'DONE',
                coalesce(round((unixepoch(new.finished_at, 'subsec') - unixepoch(new.started_at, 'subsec')) * 1000), 0), 0)
            - iif(old.stage = 'DONE',
                coalesce(round((unixepoch(old.finished_at, 'subsec') - unixepoch(old.started_at, 'subsec')) * 1000), 0), 0))
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;
CREATE TRIGGER run_deleted AFTER DELETE ON run BEGIN
    INSERT INTO rollup VALUES
        (old.workspace_id, 'run', 'proposed', 0, -old.claims_proposed),
        (old.workspace_id, 'run', 'proven', 0, -old.claims_proven),
        (old.workspace_id, 'run', 'input', 0, -old.input_tokens),
        (old.workspace_id, 'run', 'output', 0, -old.output_tokens),
        (old.workspace_id, 'run', 'cost', 0, -old.cost_micros),
        (old.workspace_id, 'run', 'done', 0, -(old.stage = 'DONE')),
        (old.workspace_id, 'run', 'ms', 0, -iif(old.stage = 'DONE',
            coalesce(round((unixepoch(old.finished_at, 'subsec') - unixepoch(old.started_at, 'subsec')) * 1000), 0), 0))
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;
