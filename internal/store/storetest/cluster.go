package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// cluster is a PostgreSQL server in a folder of its own, reached by a socket there.
type cluster struct {
	dir   string
	guard *exec.Cmd
	alive io.WriteCloser // closing it ends the server
	once  sync.Once
}

// binaries returns the folder of PostgreSQL's programs, "" when there is none.
func binaries() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), "postgres")); err == nil {
				return filepath.Dir(path)
			}
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return ""
	}
	slices.SortFunc(found, func(a, b string) int { return major(a) - major(b) })
	return filepath.Dir(found[len(found)-1])
}

// major is the version in the path of an initdb.
func major(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// guard runs the server as its child until the pipe on its standard input ends,
// which it does when the test process does, however that dies. Then it ends the
// server and removes the folder.
const guard = `
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=200 -c shared_buffers=64MB \
	-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off \
	-c timezone=Asia/Kolkata -c log_min_messages=fatal </dev/null >"$2/log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT $server 2>/dev/null
wait $server
cd / && rm -rf "$2"
`

// startCluster makes a cluster and waits until it answers. A server will not run
// as root, so root starts it as another user.
func startCluster(bin string) (*cluster, error) {
	dir, err := os.MkdirTemp("", "persona-pg-")
	if err != nil {
		return nil, err
	}
	attrs := &syscall.SysProcAttr{Setpgid: true} // an interrupt at the terminal is for the tests alone
	if os.Getuid() == 0 {
		uid, gid, err := unprivileged()
		if err != nil {
			return nil, err
		}
		if err := os.Chown(dir, uid, gid); err != nil {
			return nil, err
		}
		attrs.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	init := func(locale ...string) error {
		args := append([]string{"-D", filepath.Join(dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"}, locale...)
		cmd := exec.CommandContext(context.Background(), filepath.Join(bin, "initdb"), args...)
		cmd.SysProcAttr, cmd.Dir = attrs, dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("initdb: %w: %s", err, out)
		}
		return nil
	}
	if err := init("--locale=C.UTF-8"); err != nil { // not every system has it
		if err := init("--no-locale"); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
	}
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", guard, "sh", bin, dir)
	cmd.SysProcAttr, cmd.Dir = attrs, dir
	alive, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	c := &cluster{dir: dir, guard: cmd, alive: alive}
	if err := c.ready(); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		c.stop()
		return nil, fmt.Errorf("%w: %s", err, log)
	}
	return c, nil
}

func unprivileged() (uid, gid int, err error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		return uid, gid, errors.Join(err1, err2)
	}
	return 0, 0, errors.New("there is neither a user postgres nor a user nobody to run the server as")
}

func (c *cluster) url(role, database string) string {
	return (&url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + database, RawQuery: url.Values{"host": {c.dir}}.Encode()}).String()
}

func (c *cluster) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.url("postgres", "postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// stop ends the server as a crash would, and waits until it and its folder are gone.
func (c *cluster) stop() {
	c.once.Do(func() {
		_ = c.alive.Close()
		_ = c.guard.Wait()
	})
}
