package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/persona-api/persona-api/internal/persona"
)

// mostBytes is how much of a file is held in memory: more than is read of any, so
// that whoever reads it finds it too large and says what to do.
const mostBytes = 16 << 20

// input is one text, page or file that somebody has named.
type input struct {
	name string                        // as it was named, without a password
	page string                        // its address, when it is one
	open func() (io.ReadCloser, error) // otherwise
	file string                        // the file's own name, "" of standard input
	err  error                         // why there is nothing to read
}

// inputsOf makes inputs of arguments: a folder becomes the files in it that can
// be read. skipped are those that cannot.
func inputsOf(args []string, stdin io.Reader) (inputs []input, skipped []string) {
	for _, arg := range args {
		lower := strings.ToLower(arg)
		switch {
		case arg == "-":
			inputs = append(inputs, input{name: "standard input", open: func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil }})
		case strings.HasPrefix(lower, "http://"), strings.HasPrefix(lower, "https://"):
			inputs = append(inputs, input{name: redacted(arg), page: arg})
		default:
			info, err := os.Stat(arg)
			switch {
			case err != nil:
				inputs = append(inputs, input{name: arg, err: unreadable(err)})
			case info.IsDir():
				files, others := filesIn(arg)
				inputs, skipped = append(inputs, files...), append(skipped, others...)
			default:
				inputs = append(inputs, fileInput(arg))
			}
		}
	}
	return inputs, skipped
}

// redacted is an address that may be shown.
func redacted(address string) string {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return u.Redacted()
	}
	return address
}

func fileInput(path string) input {
	return input{name: path, file: filepath.Base(path), open: func() (io.ReadCloser, error) { return os.Open(path) }} //nolint:gosec // whoever runs the command names the file
}

// filesIn are the files of a folder, in the order of their names; hidden ones and
// folders in it are left alone.
func filesIn(folder string) (files []input, others []string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return []input{{name: folder, err: unreadable(err)}}, nil
	}
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		info, err := os.Stat(path) // where a link leads
		switch {
		case strings.HasPrefix(entry.Name(), ".") || err == nil && info.IsDir():
		case err == nil && !info.Mode().IsRegular() || !slices.Contains(readable(), strings.ToLower(filepath.Ext(path))):
			others = append(others, path)
		default:
			files = append(files, fileInput(path))
		}
	}
	if len(files) == 0 {
		err := fmt.Errorf("has no file whose name ends in one of %s; name its files themselves to have them tried all the same", strings.Join(readable(), " "))
		files = []input{{name: folder, err: err}}
	}
	return files, others
}

// readable are the endings of files that are taken from a folder.
func readable() []string {
	return []string{".pdf", ".docx", ".html", ".htm", ".xhtml", ".md", ".markdown", ".txt", ".text", ".eml"}
}

// source reads the input. It gives up when ctx ends: a pipe may never say anything.
func (in input) source(ctx context.Context) (persona.SourceInput, error) {
	if in.err != nil {
		return persona.SourceInput{}, in.err
	}
	if in.page != "" {
		return persona.SourceInput{URL: &in.page}, nil
	}
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		r, err := in.open()
		if err != nil {
			done <- result{err: err}
			return
		}
		data, err := io.ReadAll(io.LimitReader(r, mostBytes))
		done <- result{data, errors.Join(err, r.Close())}
	}()
	select {
	case got := <-done:
		if got.err != nil {
			return persona.SourceInput{}, unreadable(got.err)
		}
		return persona.SourceInput{File: &persona.File{Name: in.file, Data: got.data}}, nil
	case <-ctx.Done():
		return persona.SourceInput{}, ctx.Err()
	}
}

// unreadable says what is wrong with a file, without its name, which stands before it.
func unreadable(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("is not there; check the name (a page begins with https://)")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("may not be read; give yourself the right to")
	}
	if p := new(fs.PathError); errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("cannot be read: %w", err)
}
