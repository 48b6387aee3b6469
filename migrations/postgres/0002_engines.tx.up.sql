-- What a source's reading left behind: why it failed, what is odd about its text,
-- and the run that read it.
ALTER TABLE source ADD COLUMN failure json;
ALTER TABLE source ADD COLUMN warnings json;
ALTER TABLE source ADD COLUMN read_by uuid;
CREATE INDEX source_same ON source (workspace_id, sha256) WHERE sha256 IS NOT NULL;

-- Why a run was made, and a hash of the claims its narrative was composed from:
-- the same text need not be paid for twice.
ALTER TABLE run ADD COLUMN reason text NOT NULL DEFAULT 'SOURCE_ADDED';
ALTER TABLE run ADD COLUMN compose_key text NOT NULL DEFAULT '';
CREATE INDEX run_compose ON run (workspace_id, compose_key) WHERE compose_key <> '';

-- What a workspace has spent on a model in a day (UTC), reservations included.
CREATE TABLE spending (
    workspace_id text NOT NULL,
    day          text NOT NULL,
    cost_micros  bigint NOT NULL,
    PRIMARY KEY (workspace_id, day)
);
ALTER TABLE spending ENABLE ROW LEVEL SECURITY;
ALTER TABLE spending FORCE ROW LEVEL SECURITY;
CREATE POLICY workspace ON spending USING (workspace_id = current_setting('persona.workspace', true));
