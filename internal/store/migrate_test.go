package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
	"github.com/persona-api/persona-api/internal/store/storetest"
)

// opener returns what opens the same, empty database again and again.
func openers(t *testing.T) map[string]func(t *testing.T) func() (*store.Store, error) {
	return map[string]func(t *testing.T) func() (*store.Store, error){
		"sqlite": func(t *testing.T) func() (*store.Store, error) {
			dir := t.TempDir()
			return func() (*store.Store, error) { return store.Open(t.Context(), store.Options{DataDir: dir}) }
		},
		"postgres": func(t *testing.T) func() (*store.Store, error) {
			url := storetest.EmptyPostgres(t)
			return func() (*store.Store, error) { return store.Open(t.Context(), store.Options{URL: url}) }
		},
	}
}

func exec(t *testing.T, s *store.Store, statement string) {
	t.Helper()
	var err error
	if s.Pool() != nil {
		_, err = s.Pool().Exec(t.Context(), statement)
	} else {
		_, err = s.SQL().ExecContext(t.Context(), statement)
	}
	require.NoError(t, err)
}

func TestSeveralProcessesMigrateOnce(t *testing.T) {
	for dialect, prepare := range openers(t) {
		t.Run(dialect, func(t *testing.T) {
			open := prepare(t)
			var g errgroup.Group
			for range 4 {
				g.Go(func() error {
					s, err := open()
					if err != nil {
						return err
					}
					defer func() { _ = s.Close() }()
					return s.Migrate(t.Context())
				})
			}
			require.NoError(t, g.Wait())
			s, err := open()
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			require.NoError(t, s.Migrate(t.Context()), "again changes nothing")
			var n int
			if s.Pool() != nil {
				require.NoError(t, s.Pool().QueryRow(t.Context(), "SELECT count(*) FROM bun_migrations").Scan(&n))
			} else {
				require.NoError(t, s.SQL().QueryRowContext(t.Context(), "SELECT count(*) FROM bun_migrations").Scan(&n))
			}
			require.Equal(t, 2, n)
			ready(t, storetest.Context(t, "default"), s, "Ada", "Ada", 0)
		})
	}
}

func TestANewerSchemaIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		exec(t, s, "INSERT INTO bun_migrations (name, group_id) VALUES ('9999', 9)")
		err := s.Migrate(t.Context())
		require.EqualError(t, err, "the database's schema is newer than this program (it has step 9999); start a program at least as new as the one that migrated it, or restore a backup from before")
	})
}

func TestAFailedStepLeavesNothing(t *testing.T) {
	for dialect, prepare := range openers(t) {
		t.Run(dialect, func(t *testing.T) {
			s, err := prepare(t)()
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			exec(t, s, "CREATE TABLE run (other integer)") // in the way of the first step, after others of its statements
			err = s.Migrate(t.Context())
			require.Error(t, err)
			require.NotContains(t, err.Error(), "\n")
			exec(t, s, "DROP TABLE run")
			require.NoError(t, s.Migrate(t.Context()))
		})
	}
}

func TestMigrateNamesWhatIsMissing(t *testing.T) {
	url := storetest.EmptyPostgres(t)
	s, err := store.Open(t.Context(), store.Options{URL: url})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	exec(t, s, "REVOKE CREATE ON DATABASE "+strings.TrimPrefix(s.Pool().Config().ConnConfig.Database, "/")+" FROM PUBLIC, CURRENT_USER")
	require.ErrorContains(t, s.Migrate(t.Context()), "CREATE EXTENSION")
}

// TestBothSchemasHaveTheSameTablesAndColumns allows for the exceptions named here alone.
func TestBothSchemasHaveTheSameTablesAndColumns(t *testing.T) {
	pg, lite := storetest.Open(t, storetest.Postgres(t)), storetest.Open(t, "")
	columns := map[string][]string{}

	r, err := pg.Pool().Query(t.Context(), "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'")
	require.NoError(t, err)
	columns["postgres"], err = pgx.CollectRows(r, pgx.RowTo[string])
	require.NoError(t, err)

	rows, err := lite.SQL().QueryContext(t.Context(), "SELECT m.name || '.' || c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name <> 'sqlite_sequence'")
	require.NoError(t, err)
	columns["sqlite"] = scanAll(t, rows)

	exceptions := map[string][]string{
		// A vector and trigrams of the parts on one side, the texts that FTS5 indexes on the other.
		"postgres": {"search.role", "search.location"},
		"sqlite":   {"search.docid", "search.heads"},
	}
	for dialect, names := range columns {
		names = slices.DeleteFunc(names, func(n string) bool {
			return slices.Contains(exceptions[dialect], n) || strings.HasPrefix(n, "search_words") || strings.HasPrefix(n, "search_names")
		})
		slices.Sort(names)
		columns[dialect] = names
	}
	require.Greater(t, len(columns["sqlite"]), 80)
	require.Equal(t, columns["postgres"], columns["sqlite"])
}

func scanAll(t *testing.T, rows *sql.Rows) (out []string) {
	t.Helper()
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		out = append(out, s)
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	return out
}

func TestOpenNamesTheSettingAndTheMend(t *testing.T) {
	good := storetest.Postgres(t)
	const secret = "s3cr3t-p4ssword"
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	corrupt := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(corrupt, "persona.db"), []byte(strings.Repeat("not a database ", 100)), 0o600))
	for name, c := range map[string]struct {
		o    store.Options
		want string
	}{
		"not a URL":             {store.Options{URL: "mysql://root:" + secret + "@localhost/x"}, "DATABASE_URL is not a PostgreSQL URL; write postgres://"},
		"a broken URL":          {store.Options{URL: "postgres://u:" + secret + "@host:port/x"}, "DATABASE_URL is not a PostgreSQL URL; write postgres://"},
		"an unescaped password": {store.Options{URL: "postgres://u:" + secret + "#?/@:::localhost/x"}, "DATABASE_URL"},
		"nobody there":          {store.Options{URL: "postgres://u:" + secret + "@127.0.0.1:1/x"}, "DATABASE_URL: no database answers at 127.0.0.1:1; check that it runs"},
		"no such database":      {store.Options{URL: strings.Replace(good, "/persona_test_", "/none_"+secret[:2]+"_", 1)}, "DATABASE_URL: the server at "},
		"wrong user":            {store.Options{URL: strings.Replace(good, "//persona_owner", "//nobody", 1)}, "DATABASE_URL: the server at "},
		"a bad replica":         {store.Options{URL: good, ReadURL: "postgres://u:" + secret + "@127.0.0.1:1/x"}, "DATABASE_READ_URL: no database answers at 127.0.0.1:1"},
		"a replica of nothing":  {store.Options{ReadURL: good, DataDir: dir}, "DATABASE_READ_URL names a replica, but DATABASE_URL names no primary"},
		"a file as folder":      {store.Options{DataDir: filepath.Join(file, "data")}, "DATA_DIR: "},
		"not a database":        {store.Options{DataDir: corrupt}, "DATA_DIR: "},
	} {
		s, err := store.Open(t.Context(), c.o)
		require.Nil(t, s, name)
		require.ErrorContains(t, err, c.want, name)
		require.NotContains(t, err.Error(), secret, name)
		require.NotContains(t, err.Error(), "\n", name)
		require.Contains(t, err.Error(), ";", "%s: what to do", name)
	}
}

func TestAReplicaIsReadUnlessTheReadMustBeFresh(t *testing.T) {
	// Two databases that do not replicate tell where a read went.
	primary, replica := storetest.Postgres(t), storetest.Postgres(t)
	s := storetest.Open(t, primary, func(o *store.Options) { o.ReadURL = replica })
	ctx := storetest.Context(t, "default")
	m := ready(t, ctx, s, "Ada", "Ada", 0)
	_, err := s.Persona(ctx, m.persona.ID, persona.Columns{})
	require.Equal(t, persona.CodeNotFound, persona.CodeOf(err))
	got, err := s.Persona(persona.Fresh(ctx), m.persona.ID, persona.Columns{})
	require.NoError(t, err)
	require.Equal(t, m.persona.ID, got.ID)
}
