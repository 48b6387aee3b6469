package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/persona-api/persona-api/internal/store"
)

// server is a PostgreSQL server on which tests make their databases.
type server struct {
	admin    string   // URL of a role that may create databases
	owner    string   // role that owns the tests' databases
	made     bool     // owner was made for the tests
	password string   // of owner, "" when it needs none
	template string   // a migrated database, which is copied
	cluster  *cluster // private to this process, nil for a server elsewhere
}

// started says that some test has asked for the server.
var started atomic.Bool

// shared is the process's one server: starting one takes longer than most tests.
// It is nil when there is none to be had.
var shared = sync.OnceValues(func() (*server, error) {
	started.Store(true)
	if u := os.Getenv("TEST_DATABASE_URL"); u != "" {
		return newServer(u)
	}
	bin := binaries()
	if bin == "" {
		return nil, nil
	}
	c, err := startCluster(bin)
	if err != nil {
		return nil, err
	}
	s, err := newServer(c.url("postgres", "postgres"))
	if err != nil {
		c.stop()
		return nil, err
	}
	s.cluster = c
	return s, nil
})

// end leaves nothing of the tests behind.
func (s *server) end() error {
	if s.cluster != nil {
		s.cluster.stop()
		return nil
	}
	err := s.exec("DROP DATABASE IF EXISTS " + s.template)
	if s.made {
		err = errors.Join(err, s.exec("DROP ROLE IF EXISTS "+s.owner))
	}
	return err
}

// name returns a name nobody else uses.
func name(prefix string) string { return prefix + "_" + strings.ToLower(rand.Text()[:12]) }

func newServer(admin string) (*server, error) {
	s := &server{admin: admin, template: name("persona_template")}
	var super bool
	var role string
	err := s.do(func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&role, &super)
	})
	if err != nil {
		return nil, err
	}
	if s.owner = role; super { // row-level security does not bind a superuser
		s.made, s.owner, s.password = true, name("persona_owner"), rand.Text()
		if err := s.exec(fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s'", s.owner, s.password)); err != nil {
			return nil, err
		}
	} else if u, err := url.Parse(admin); err == nil {
		s.password, _ = u.User.Password()
	}
	if err := s.exec(fmt.Sprintf("CREATE DATABASE %s OWNER %s", s.template, s.owner)); err != nil {
		return nil, err
	}
	ctx := context.Background()
	st, err := store.Open(ctx, store.Options{URL: s.url(s.template), MaxConns: 1})
	if err != nil {
		return nil, err
	}
	return s, errors.Join(st.Migrate(ctx), st.Close())
}

// url returns the URL of a database, for the role that owns it.
func (s *server) url(database string) string {
	u, err := url.Parse(s.admin)
	if err != nil {
		panic(err) // the admin's URL has been connected to
	}
	u.Path = "/" + database
	if u.User = url.User(s.owner); s.password != "" {
		u.User = url.UserPassword(s.owner, s.password)
	}
	return u.String()
}

// clone copies the migrated template.
func (s *server) clone(t testing.TB) string { return s.create(t, s.template) }

func (s *server) create(t testing.TB, template string) string {
	t.Helper()
	database := name("persona_test")
	if err := s.exec(fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s OWNER %s", database, template, s.owner)); err != nil {
		t.Fatalf("create a database: %v", err)
	}
	t.Cleanup(func() {
		err := s.exec(fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", database))
		var lost *pgconn.ConnectError
		if err != nil && !errors.As(err, &lost) { // a stopped server has nothing to drop
			t.Errorf("drop the database: %v", err)
		}
	})
	return s.url(database)
}

func (s *server) exec(sql string) error {
	return s.do(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, sql)
		return err
	})
}

func (s *server) do(f func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.admin)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	return f(ctx, conn)
}
