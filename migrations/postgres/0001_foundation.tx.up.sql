-- Every row belongs to a workspace; keys begin with it, and foreign keys carry
-- it, so that no row can hang on one of another workspace.

CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE persona (
    workspace_id   text NOT NULL CHECK (workspace_id <> ''),
    id             uuid NOT NULL,
    status         text NOT NULL,
    merged_into    uuid,
    name           text,
    role           text,
    location       text,
    summary        text,
    name_key       text COLLATE "C" NOT NULL,
    role_key       text COLLATE "C" NOT NULL,
    location_key   text COLLATE "C" NOT NULL,
    tags           json NOT NULL,
    version_number integer NOT NULL,
    hash           text NOT NULL,
    profile_json   json,
    document_json  json,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX persona_created ON persona (workspace_id, created_at, id);
CREATE INDEX persona_updated ON persona (workspace_id, updated_at, id);
CREATE INDEX persona_name ON persona (workspace_id, name_key, id);
CREATE INDEX persona_role ON persona (workspace_id, role_key);
CREATE INDEX persona_location ON persona (workspace_id, location_key);
CREATE INDEX persona_status ON persona (workspace_id, status);

CREATE TABLE source (
    workspace_id text NOT NULL,
    id           uuid NOT NULL,
    persona_id   uuid NOT NULL,
    kind         text NOT NULL,
    status       text NOT NULL,
    title        text,
    url          text,
    language     text,
    text         text,
    length       integer,
    sha256       text,
    as_of        timestamptz,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE
);
CREATE UNIQUE INDEX source_text ON source (workspace_id, persona_id, sha256);
CREATE INDEX source_persona ON source (workspace_id, persona_id, created_at, id);

CREATE TABLE run (
    workspace_id    text NOT NULL,
    id              uuid NOT NULL,
    persona_id      uuid NOT NULL,
    engine          text NOT NULL,
    model           text,
    prompt_hash     text NOT NULL,
    stage           text NOT NULL,
    progress        double precision NOT NULL,
    failure         json,
    attempts        integer NOT NULL,
    input_tokens    bigint NOT NULL,
    output_tokens   bigint NOT NULL,
    cost_micros     bigint NOT NULL,
    claims_proposed integer NOT NULL,
    claims_proven   integer NOT NULL,
    created_at      timestamptz NOT NULL,
    started_at      timestamptz,
    finished_at     timestamptz,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE
);
CREATE INDEX run_persona ON run (workspace_id, persona_id, created_at, id);

CREATE TABLE claim (
    workspace_id text NOT NULL,
    id           uuid NOT NULL,
    persona_id   uuid NOT NULL,
    source_id    uuid,
    run_id       uuid,
    author       text,
    op           text NOT NULL,
    path         text NOT NULL,
    key          text NOT NULL,
    value        text NOT NULL,
    detail       json,
    basis        text NOT NULL,
    confidence   smallint NOT NULL,
    "start"      integer NOT NULL,
    "end"        integer NOT NULL,
    quote        text NOT NULL,
    valid_from   text NOT NULL,
    valid_to     text NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, source_id) REFERENCES source ON DELETE CASCADE
);
CREATE INDEX claim_persona ON claim (workspace_id, persona_id);
CREATE INDEX claim_source ON claim (workspace_id, source_id);
CREATE INDEX claim_run ON claim (workspace_id, run_id, created_at, id);

-- What a claim rests on. The cited claim may be gone: a narrative then no longer counts.
CREATE TABLE cites (
    workspace_id text NOT NULL,
    claim_id     uuid NOT NULL,
    cited        uuid NOT NULL,
    PRIMARY KEY (workspace_id, claim_id, cited),
    FOREIGN KEY (workspace_id, claim_id) REFERENCES claim ON DELETE CASCADE
);
CREATE INDEX cites_cited ON cites (workspace_id, cited);

-- A version's set of claims, as intervals: from_version <= number < to_version.
CREATE TABLE member (
    workspace_id text NOT NULL,
    persona_id   uuid NOT NULL,
    claim_id     uuid NOT NULL,
    from_version integer NOT NULL,
    to_version   integer,
    PRIMARY KEY (workspace_id, persona_id, claim_id, from_version),
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, claim_id) REFERENCES claim ON DELETE CASCADE
);
CREATE INDEX member_claim ON member (workspace_id, claim_id);
CREATE INDEX member_live ON member (workspace_id, persona_id) WHERE to_version IS NULL;

CREATE TABLE version (
    workspace_id text NOT NULL,
    persona_id   uuid NOT NULL,
    number       integer NOT NULL,
    reason       text NOT NULL,
    author       text NOT NULL,
    hash         text NOT NULL,
    redacted     boolean NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, persona_id, number),
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE
);

-- What personas are filtered and counted by.
CREATE TABLE facet (
    workspace_id text NOT NULL,
    persona_id   uuid NOT NULL,
    kind         text NOT NULL,
    key          text COLLATE "C" NOT NULL,
    value        text NOT NULL,
    PRIMARY KEY (workspace_id, persona_id, kind, key),
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE
);
CREATE INDEX facet_key ON facet (workspace_id, kind, key, persona_id);

-- Exact counts, kept by the triggers below. A count is the sum over its shards:
-- one row per count would make every writer wait for the one before.
CREATE TABLE rollup (
    workspace_id text NOT NULL,
    kind         text NOT NULL,
    key          text COLLATE "C" NOT NULL,
    shard        smallint NOT NULL,
    n            bigint NOT NULL,
    PRIMARY KEY (workspace_id, kind, key, shard)
) WITH (fillfactor = 50);

-- The processes that work on the queue, and when each last showed itself.
CREATE TABLE node (
    name    text PRIMARY KEY,
    beat_at timestamptz NOT NULL
);

-- ------------------------------------------------------------------ search

CREATE TEXT SEARCH CONFIGURATION persona_english (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION persona_english
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
CREATE TEXT SEARCH CONFIGURATION persona_simple (COPY = pg_catalog.simple);
ALTER TEXT SEARCH CONFIGURATION persona_simple
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;

-- The index of the search. The workspace is itself a word of each vector, so
-- that the index finds the matches of one workspace without reading the others'.
CREATE TABLE search (
    workspace_id text NOT NULL,
    persona_id   uuid NOT NULL,
    words        tsvector NOT NULL,
    name         text NOT NULL,
    role         text NOT NULL,
    location     text NOT NULL,
    PRIMARY KEY (persona_id, workspace_id), -- searches join by the persona alone
    FOREIGN KEY (workspace_id, persona_id) REFERENCES persona ON DELETE CASCADE
);
-- Each search also reads what waits to be put into its index: little, so that it stays quick.
CREATE INDEX search_words ON search USING gin (words) WITH (gin_pending_list_limit = 256);
CREATE INDEX search_parts ON search USING gin (name gin_trgm_ops, role gin_trgm_ops, location gin_trgm_ops)
    WITH (gin_pending_list_limit = 256);

-- No text yields a lexeme that begins with a blank.
CREATE FUNCTION persona_within(workspace text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('''' || replace(replace(' ' || workspace, '\', '\\'), '''', '''''') || '''')::tsquery
$$;

-- The vector of a persona: heads weigh more than the body. A vector has at most
-- 1 MB; a body that yields more is cut until it fits.
CREATE FUNCTION persona_words(workspace text, heads text, body text) RETURNS tsvector
LANGUAGE plpgsql STABLE AS $$
DECLARE
    head tsvector := array_to_tsvector(ARRAY[' ' || workspace])
        || setweight(to_tsvector('persona_english', heads), 'A')
        || setweight(to_tsvector('persona_simple', heads), 'A');
    rest text := body;
BEGIN
    LOOP
        BEGIN
            RETURN head || to_tsvector('persona_english', rest) || strip(to_tsvector('persona_simple', rest));
        EXCEPTION WHEN program_limit_exceeded THEN
            rest := left(rest, length(rest) / 2);
        END;
    END LOOP;
END
$$;

-- ------------------------------------------------------------------ rollups

-- Adds deltas to the counts, one key after the other in order. A key that falls
-- to nothing goes: it may be a word that was to be erased.
CREATE FUNCTION rollup_add(workspaces text[], kinds text[], keys text[], deltas bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    gone record;
BEGIN
    INSERT INTO rollup (workspace_id, kind, key, shard, n)
    SELECT d.workspace, d.kind, d.key, pg_backend_pid() % 16, sum(d.delta)
    FROM unnest(workspaces, kinds, keys, deltas) AS d (workspace, kind, key, delta)
    GROUP BY 1, 2, 3
    HAVING sum(d.delta) <> 0
    ORDER BY 1, 2, 3
    ON CONFLICT (workspace_id, kind, key, shard) DO UPDATE SET n = rollup.n + excluded.n;

    FOR gone IN
        SELECT d.workspace, d.kind, d.key
        FROM unnest(workspaces, kinds, keys, deltas) AS d (workspace, kind, key, delta)
        WHERE d.kind IN ('ROLE', 'LOCATION', 'SKILL', 'EMPLOYER', 'TAG')
        GROUP BY 1, 2, 3
        HAVING sum(d.delta) < 0
        ORDER BY 1, 2, 3
    LOOP
        -- Few are left: wait for whoever else is counting this key, then look again.
        IF (SELECT sum(n) FROM rollup WHERE workspace_id = gone.workspace AND kind = gone.kind AND key = gone.key) < 16 THEN
            PERFORM 1 FROM rollup WHERE workspace_id = gone.workspace AND kind = gone.kind AND key = gone.key
            ORDER BY shard FOR UPDATE;
            IF (SELECT sum(n) FROM rollup WHERE workspace_id = gone.workspace AND kind = gone.kind AND key = gone.key) = 0 THEN
                DELETE FROM rollup WHERE workspace_id = gone.workspace AND kind = gone.kind AND key = gone.key;
            END IF;
        END IF;
    END LOOP;
END
$$;

-- Each table's trigger function sums its rows' deltas: `changed` are the rows
-- inserted or deleted, `added` and `removed` a row's states after and before an update.
CREATE FUNCTION persona_rollup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM rollup_add(array_agg(workspace_id), array_agg('status'::text), array_agg(status), array_agg(delta))
        FROM (SELECT workspace_id, status, 1 AS delta FROM added
              UNION ALL
              SELECT workspace_id, status, -1 FROM removed) d
        HAVING count(*) > 0;
    ELSE
        PERFORM rollup_add(array_agg(workspace_id), array_agg(kind), array_agg(key), array_agg(delta))
        FROM (SELECT c.workspace_id, k.kind, k.key, CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END AS delta
              FROM changed c, LATERAL (VALUES
                  ('status', c.status),
                  ('day', to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'))) AS k (kind, key)) d
        HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER persona_inserted AFTER INSERT ON persona REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION persona_rollup();
CREATE TRIGGER persona_updated AFTER UPDATE ON persona REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION persona_rollup();
CREATE TRIGGER persona_deleted AFTER DELETE ON persona REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION persona_rollup();

-- Sources and claims are counted alike, under the name of their table.
CREATE FUNCTION row_rollup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM rollup_add(array_agg(workspace_id), array_agg(TG_TABLE_NAME::text), array_agg(''::text), array_agg(delta))
    FROM (SELECT workspace_id, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END AS delta
          FROM changed GROUP BY workspace_id) d
    HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER source_inserted AFTER INSERT ON source REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION row_rollup();
CREATE TRIGGER source_deleted AFTER DELETE ON source REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION row_rollup();
CREATE TRIGGER claim_inserted AFTER INSERT ON claim REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION row_rollup();
CREATE TRIGGER claim_deleted AFTER DELETE ON claim REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION row_rollup();

CREATE FUNCTION facet_rollup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM rollup_add(array_agg(workspace_id), array_agg(kind), array_agg(key), array_agg(delta))
    FROM (SELECT workspace_id, kind, key, CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END AS delta FROM changed) d
    HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER facet_inserted AFTER INSERT ON facet REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION facet_rollup();
CREATE TRIGGER facet_deleted AFTER DELETE ON facet REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION facet_rollup();

CREATE FUNCTION run_rollup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM rollup_add(array_agg(workspace_id), array_agg('run'::text), array_agg(key), array_agg(n))
        FROM (SELECT r.workspace_id, k.key, r.sign * k.n AS n
              FROM (SELECT 1 AS sign, added.* FROM added UNION ALL SELECT -1, removed.* FROM removed) r,
                   LATERAL (VALUES
                       ('proposed', r.claims_proposed::bigint), ('proven', r.claims_proven),
                       ('input', r.input_tokens), ('output', r.output_tokens), ('cost', r.cost_micros),
                       ('done', CASE WHEN r.stage = 'DONE' THEN 1 ELSE 0 END),
                       ('ms', CASE WHEN r.stage = 'DONE' THEN round(extract(epoch FROM r.finished_at - r.started_at) * 1000)::bigint END)
                   ) AS k (key, n)
              WHERE k.n <> 0) d
        HAVING count(*) > 0;
    ELSE
        PERFORM rollup_add(array_agg(workspace_id), array_agg('run'::text), array_agg(key), array_agg(n))
        FROM (SELECT r.workspace_id, k.key, CASE TG_OP WHEN 'INSERT' THEN k.n ELSE -k.n END AS n
              FROM changed r,
                   LATERAL (VALUES
                       ('proposed', r.claims_proposed::bigint), ('proven', r.claims_proven),
                       ('input', r.input_tokens), ('output', r.output_tokens), ('cost', r.cost_micros),
                       ('done', CASE WHEN r.stage = 'DONE' THEN 1 ELSE 0 END),
                       ('ms', CASE WHEN r.stage = 'DONE' THEN round(extract(epoch FROM r.finished_at - r.started_at) * 1000)::bigint END)
                   ) AS k (key, n)
              WHERE k.n <> 0) d
        HAVING count(*) > 0;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER run_inserted AFTER INSERT ON run REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION run_rollup();
CREATE TRIGGER run_updated AFTER UPDATE ON run REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION run_rollup();
CREATE TRIGGER run_deleted AFTER DELETE ON run REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION run_rollup();

-- ------------------------------------------------------------------ workspaces

-- Row-level security stands behind the statements' own scope. It binds the
-- tables' owner too.
--
-- The table search has none: the operators that its indexes serve (@@, LIKE) are
-- not leakproof, so behind a policy each search would read every vector of the
-- workspace. Its statements name the workspace and return nothing but personas,
-- which they join under the policy of that table.
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['persona', 'source', 'run', 'claim', 'cites', 'member', 'version', 'facet', 'rollup'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY workspace ON %I USING (workspace_id = current_setting(''persona.workspace'', true))', t);
    END LOOP;
END
$$;
