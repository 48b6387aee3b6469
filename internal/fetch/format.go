package fetch

import (
	"archive/zip"
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/persona-api/persona-api/internal/persona"
)

// format is how a page or file is written.
type format int

const (
	formatPlain format = iota // also Markdown: it is read as it is
	formatHTML
	formatPDF
	formatDOCX
	formatEmail
)

const (
	mediaBinary   = "application/octet-stream"
	mediaHTML     = "text/html"
	mediaXHTML    = "application/xhtml+xml"
	mediaPlain    = "text/plain"
	mediaMarkdown = "text/markdown"
	mediaPDF      = "application/pdf"
	mediaDOCX     = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	mediaEmail    = "message/rfc822"
)

// String returns the format's name, as it is shown.
func (f format) String() string {
	return [...]string{"text", "HTML", "PDF", "DOCX", "e-mail"}[f]
}

// kind is what sort of source a file of this format is.
func (f format) kind() persona.SourceKind {
	switch f {
	case formatPDF, formatDOCX:
		return persona.KindDocument
	case formatEmail:
		return persona.KindEmail
	default:
		return persona.KindText
	}
}

// formatOf decides by the content where the content tells; else by the media
// type, else by the name's extension. What is not text is refused by its name.
func formatOf(data []byte, declared, name string) (format, error) {
	head := bytes.TrimLeft(data[:min(len(data), 1024)], "\ufeff \t\r\n")
	declared = mediaType(declared)
	ext := strings.ToLower(path.Ext(name))
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")) || bytes.Contains(head, []byte("%PDF-")) && !isText(data):
		return formatPDF, nil
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return zipFormat(data)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return 0, &problem{why: "is an old or a password-protected Office file; save it as DOCX without a password, or as PDF"}
	case bytes.HasPrefix(data, []byte(`{\rtf`)):
		return 0, &problem{why: "is RTF; save it as DOCX or PDF"}
	case declared == mediaPDF || declared == mediaDOCX || declared == "" && (ext == ".pdf" || ext == ".docx"):
		return 0, &problem{why: "says that it is a PDF or DOCX, and is none; save it anew, or paste its text"}
	}
	if !isText(data) {
		if t := mediaType(http.DetectContentType(data)); t != mediaPlain && t != mediaHTML && t != "text/xml" {
			if t == mediaBinary {
				t = "not text"
			}
			return 0, &problem{why: fmt.Sprintf("is %s; HTML, Markdown, plain text, e-mail, PDF and DOCX are read", t)}
		}
	}
	switch declared {
	case mediaHTML, mediaXHTML:
		return formatHTML, nil
	case mediaPlain, mediaMarkdown, "text/x-markdown":
		return formatPlain, nil
	case mediaEmail:
		return formatEmail, nil
	}
	switch ext {
	case ".html", ".htm", ".xhtml":
		return formatHTML, nil
	case ".eml":
		return formatEmail, nil
	case ".md", ".markdown", ".txt", ".text":
		return formatPlain, nil
	}
	if mediaType(http.DetectContentType(data)) == mediaHTML {
		return formatHTML, nil
	}
	return formatPlain, nil
}

// isText reports whether the bytes are UTF-8 without NUL. They may end inside a character.
func isText(data []byte) bool {
	return utf8.Valid(whole(data)) && bytes.IndexByte(data, 0) < 0
}

// whole returns the data without the character that its end cuts through.
func whole(data []byte) []byte {
	for i := 1; i <= min(utf8.UTFMax, len(data)); i++ {
		if b := data[len(data)-i]; utf8.RuneStart(b) {
			if !utf8.FullRune(data[len(data)-i:]) {
				return data[:len(data)-i]
			}
			break
		}
	}
	return data
}

// zipFormat tells the documents that are archives apart.
func zipFormat(data []byte) (format, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return 0, damaged(formatDOCX, err)
	}
	if documentPart(z) != nil {
		return formatDOCX, nil
	}
	return 0, &problem{why: "is an archive or another Office file; give a document of it as DOCX or PDF"}
}

// mediaType returns the type without its parameters, in lower case.
func mediaType(declared string) string {
	t, _, err := mime.ParseMediaType(declared)
	if err != nil {
		t, _, _ = strings.Cut(declared, ";")
	}
	return strings.ToLower(strings.TrimSpace(t))
}
