package form_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/gqlhttp/form"
)

// request is one with a body of these parts, each a header and a text; what its length is nobody knows.
func request(t *testing.T, body io.Reader) *http.Request {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", struct{ io.Reader }{body})
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	return r
}

func part(header, text string) string {
	return "--b\r\nContent-Disposition: form-data; " + header + "\r\n\r\n" + text + "\r\n"
}

// read reads a whole form, each part of at most 5 bytes.
func read(r *form.Reader) (parts []string, err error) {
	for {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			return parts, nil
		}
		if err != nil {
			return parts, err
		}
		text, err := p.Bytes(5)
		if err != nil {
			return parts, err
		}
		parts = append(parts, fmt.Sprintf("%s|%s|%s|%s", p.Name, p.FileName, p.MediaType, text))
	}
}

func TestPartsComeInOrder(t *testing.T) {
	body := strings.NewReader("before\r\n" + part(`name="a"`, "1") + part("name=\"b\"; filename=\"x/y.txt\"\r\nContent-Type: text/plain; charset=x", "12345") +
		part(`name="a"`, "") + "--b--\r\nbehind")
	parts, err := read(form.NewReader(httptest.NewRecorder(), request(t, body), 100, 3))
	require.NoError(t, err)
	require.Equal(t, []string{"a|||1", "b|y.txt|text/plain; charset=x|12345", "a|||"}, parts)
	require.Zero(t, body.Len(), "the body was read to its end")
}

func TestWhatCannotBeRead(t *testing.T) {
	late := &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}
	for name, test := range map[string]struct {
		body io.Reader
		want error
	}{
		"empty":            {strings.NewReader(""), form.ErrMalformed},
		"no form":          {strings.NewReader("CANARY"), form.ErrMalformed},
		"another boundary": {strings.NewReader("--bb\r\n\r\n--bb--\r\n"), form.ErrMalformed},
		"a part cut":       {strings.NewReader(part(`name="a"`, "1")[:45]), form.ErrMalformed},
		"the end missing":  {strings.NewReader(part(`name="a"`, "1")), form.ErrMalformed},
		"a part begun":     {strings.NewReader(part(`name="a"`, "1") + "--b\r\n"), form.ErrMalformed},
		"broken headers":   {strings.NewReader("--b\r\nCANARY\r\n\r\n--b--"), form.ErrMalformed},
		"too large":        {strings.NewReader(part(`name="a"`, "123456") + "--b--"), form.ErrPartTooLarge},
		"headers alone":    {strings.NewReader(part(`name="`+strings.Repeat("x", 20_000)+`"`, "") + "--b--"), form.ErrTooLarge},
		"more behind":      {strings.NewReader("--b--\r\n" + strings.Repeat("x", 20_000)), form.ErrTooLarge},
		"base64":           {strings.NewReader(part("name=\"a\"\r\nContent-Transfer-Encoding: BASE64", "") + "--b--"), form.ErrEncoding},
		"a name":           {strings.NewReader(part("name=\"\xff\"", "") + "--b--"), form.ErrName},
		"a file's name":    {strings.NewReader(part("name=\"a\"; filename=\"\xff\"", "") + "--b--"), form.ErrName},
		"too slow":         {io.MultiReader(strings.NewReader(part(`name="a"`, "1")[:45]), failing{late}), form.ErrTooSlow},
		"too slow at last": {io.MultiReader(strings.NewReader("--b--\r\n"), failing{late}), form.ErrTooSlow},
	} {
		_, err := read(form.NewReader(httptest.NewRecorder(), request(t, test.body), 1000, 3))
		require.ErrorIs(t, err, test.want, name)
		require.NotContains(t, err.Error(), "CANARY")
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestWhatIsAnnouncedTooLargeIsNotRead(t *testing.T) {
	r := request(t, failing{errors.New("read")})
	r.ContentLength = 1_000_000
	_, err := form.NewReader(httptest.NewRecorder(), r, 900_000, 3).Next()
	require.ErrorIs(t, err, form.ErrTooLarge)
}

func TestIs(t *testing.T) {
	for contentType, want := range map[string]bool{
		"multipart/form-data; boundary=b": true, "Multipart/Form-Data": true, "multipart/form-data; x": false,
		"multipart/mixed; boundary=b": false, "application/json": false, "": false,
	} {
		require.Equal(t, want, form.Is(contentType), contentType)
	}
	for _, contentType := range []string{"multipart/form-data", `multipart/form-data; boundary=""`} {
		r := request(t, strings.NewReader("--b--"))
		r.Header.Set("Content-Type", contentType)
		_, err := form.NewReader(httptest.NewRecorder(), r, 100, 3).Next()
		require.ErrorIs(t, err, form.ErrMalformed)
	}
}
