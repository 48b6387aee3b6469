// Package operations holds the stored operations: the ones in this folder are
// examples for clients, those under rest answer the REST routes.
package operations

import (
	"embed"
	"io/fs"
)

//go:embed rest/*.graphql
var files embed.FS

// REST returns the operations behind the REST routes, one file for each.
func REST() fs.FS {
	f, err := fs.Sub(files, "rest")
	if err != nil {
		panic(err) // the folder is embedded above: cannot be missing
	}
	return f
}
