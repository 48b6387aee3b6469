// Package storetest gives tests real databases: a fresh, migrated one per test,
// SQLite and PostgreSQL.
//
// PostgreSQL is a private cluster of the test process, started when the first
// test asks for it from the binaries on the PATH or in /usr/lib/postgresql, or
// the server that TEST_DATABASE_URL names, whose role must be allowed to create
// databases. Tests connect as a role that row-level security binds.
//
// Where there is neither, the PostgreSQL half of each test is skipped;
// REQUIRE_POSTGRES=1 makes that a failure.
package storetest

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/persona-api/persona-api/internal/persona"
	"github.com/persona-api/persona-api/internal/store"
)

// Workspace is the workspace of Context.
const Workspace = "default"

// Context returns the test's context for an administrator of a workspace.
func Context(t testing.TB, workspace string) context.Context {
	return persona.WithCaller(t.Context(), persona.Caller{Subject: "tester", Workspace: workspace, Role: persona.RoleAdmin})
}

// Main runs a package's tests and then ends the server they used. A package may
// do without it: a private cluster ends with the test process, however that ends,
// but on a server that TEST_DATABASE_URL names a template database would stay.
//
//	func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }
func Main(m *testing.M) int {
	code := m.Run()
	if !started.Load() {
		return code
	}
	if s, err := shared(); err == nil && s != nil {
		if err := s.end(); err != nil {
			fmt.Fprintln(os.Stderr, "end PostgreSQL:", err)
			return max(code, 1)
		}
	}
	return code
}

// Each runs f on a fresh store of each database. The store is closed, and its
// database dropped, when f returns.
func Each(t *testing.T, f func(t *testing.T, s *store.Store), options ...func(*store.Options)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		f(t, Open(t, "", options...))
	})
	t.Run("postgres", func(t *testing.T) {
		f(t, Open(t, Postgres(t), options...))
	})
}

// Open opens the store of a PostgreSQL database or, with "", of a fresh SQLite
// file, migrates it, and closes it at the end of the test.
func Open(t testing.TB, url string, options ...func(*store.Options)) *store.Store {
	t.Helper()
	o := store.Options{URL: url}
	if url == "" {
		o.DataDir = t.TempDir()
	}
	for _, option := range options {
		option(&o)
	}
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatalf("migrate the store: %v", err)
	}
	return s
}

// Postgres returns the URL of a fresh, migrated database, which is dropped at the
// end of the test. Without PostgreSQL it skips the test, or fails it when
// REQUIRE_POSTGRES is 1.
func Postgres(t testing.TB) string {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	if s == nil {
		if os.Getenv("REQUIRE_POSTGRES") == "1" {
			t.Fatal("REQUIRE_POSTGRES is 1, but there is no PostgreSQL: install it, or set TEST_DATABASE_URL")
		}
		t.Skip("no PostgreSQL: install it, or set TEST_DATABASE_URL")
	}
	return s.clone(t)
}

// EmptyPostgres is Postgres without the schema.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	Postgres(t) // skips where there is none
	s, err := shared()
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	return s.create(t, "template1")
}

// StoppablePostgres returns the URL of a migrated database in a cluster of its
// own, and what stops that cluster at once, as a crash would.
func StoppablePostgres(t testing.TB) (url string, stop func()) {
	t.Helper()
	bin := binaries()
	if bin == "" {
		Postgres(t) // skips or fails, unless a server elsewhere is used
		t.Skip("no PostgreSQL of its own to stop: install it")
	}
	c, err := startCluster(bin)
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	t.Cleanup(c.stop)
	s, err := newServer(c.url("postgres", "postgres"))
	if err != nil {
		t.Fatalf("prepare PostgreSQL: %v", err)
	}
	return s.clone(t), c.stop
}
