// Package migrations holds the schema as plain SQL, one folder per database.
// Both folders have the same files; a test of the store holds their tables and
// columns equal. A file, once released, is never changed: what follows is a new file.
package migrations

import (
	"embed"
	"io/fs"
)

//go:embed postgres/*.sql sqlite/*.sql
var files embed.FS

// Postgres returns the migrations of PostgreSQL.
func Postgres() fs.FS { return sub("postgres") }

// SQLite returns the migrations of SQLite.
func SQLite() fs.FS { return sub("sqlite") }

func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the folder is embedded above: cannot be missing
	}
	return f
}
