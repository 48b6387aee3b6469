package fetch

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"

	"golang.org/x/net/html/charset"

	"github.com/persona-api/persona-api/internal/persona"
)

// maxNesting is how deep the parts of an e-mail may lie in each other.
const maxNesting = 8

// readEmail returns who wrote what to whom and when, then the message: its plain
// text, else its HTML. Attachments are left out.
func readEmail(data []byte) (*persona.Page, error) {
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return nil, damaged(formatEmail, err)
	}
	words := mime.WordDecoder{CharsetReader: charset.NewReaderLabel}
	var head strings.Builder
	page := &persona.Page{}
	for _, name := range []string{"From", "To", "Date", "Subject"} {
		value := m.Header.Get(name)
		if decoded, err := words.DecodeHeader(value); err == nil {
			value = decoded
		}
		if value != "" {
			head.WriteString(name + ": " + value + "\n")
		}
		if name == "Subject" {
			page.Title = value
		}
	}
	body, _, err := message(textproto.MIMEHeader(m.Header), m.Body, 0)
	if err != nil {
		return nil, damaged(formatEmail, err)
	}
	if strings.TrimSpace(body) == "" {
		return nil, &problem{why: "has no text of its own; give what is attached to it as a file"}
	}
	page.Text = head.String() + "\n" + body
	return page, nil
}

// message returns the text of a part of an e-mail, "" when it has none, and
// whether that was plain text from the start.
func message(h textproto.MIMEHeader, body io.Reader, depth int) (text string, plain bool, err error) {
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		kind = mediaPlain // RFC 2045, 5.2
	}
	if disposition, _, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil && disposition == "attachment" {
		return "", false, nil
	}
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		return multi(kind, multipart.NewReader(body, params["boundary"]), depth)
	case kind != mediaPlain && kind != mediaHTML:
		return "", false, nil
	}
	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Transfer-Encoding"))) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return "", false, err
	}
	in := raw{data: data, mediaType: h.Get("Content-Type")}
	read := readPlain
	if kind == mediaHTML {
		read = readHTML
	}
	page, err := read(in)
	if err != nil {
		return "", false, err
	}
	return page.Text, kind == mediaPlain, nil
}

// multi returns the text of a part made of parts: of alternatives the plain one,
// of others all.
func multi(kind string, parts *multipart.Reader, depth int) (text string, plain bool, err error) {
	if depth == maxNesting {
		return "", false, errors.New("parts are nested too deep")
	}
	var texts []string
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return strings.Join(texts, "\n\n"), plain, nil
		}
		if err != nil {
			return "", false, err
		}
		t, isPlain, err := message(p.Header, p, depth+1)
		switch {
		case err != nil:
			return "", false, err
		case strings.TrimSpace(t) == "":
		case kind != "multipart/alternative" || len(texts) == 0:
			texts, plain = append(texts, t), isPlain
		case isPlain && !plain:
			texts, plain = []string{t}, true
		}
	}
}
