-- What a source's reading left behind: why it failed, what is odd about its text,
-- and the run that read it.
ALTER TABLE source ADD COLUMN failure TEXT;
ALTER TABLE source ADD COLUMN warnings TEXT;
ALTER TABLE source ADD COLUMN read_by TEXT;
CREATE INDEX source_same ON source (workspace_id, sha256) WHERE sha256 IS NOT NULL;

-- Why a run was made, and a hash of the claims its narrative was composed from:
-- the same text need not be paid for twice.
ALTER TABLE run ADD COLUMN reason TEXT NOT NULL DEFAULT 'SOURCE_ADDED';
ALTER TABLE run ADD COLUMN compose_key TEXT NOT NULL DEFAULT '';
CREATE INDEX run_compose ON run (workspace_id, compose_key) WHERE compose_key <> '';

-- What a workspace has spent on a model in a day (UTC), reservations included.
CREATE TABLE spending (
    workspace_id TEXT NOT NULL,
    day          TEXT NOT NULL,
    cost_micros  INTEGER NOT NULL,
    PRIMARY KEY (workspace_id, day)
) WITHOUT ROWID;
