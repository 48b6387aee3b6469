package fetch

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/klippa-app/go-pdfium"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/persona-api/persona-api/internal/persona"
)

// readPDF returns the text of a PDF, page by page in the order of its content. At
// the deadline it returns the pages read so far, if there is text on one.
func (r *Reader) readPDF(ctx context.Context, data []byte) (*persona.Page, error) {
	select {
	case r.sandbox <- struct{}{}:
		defer func() { <-r.sandbox }()
	case <-ctx.Done():
		return nil, &problem{retryable: true, cause: ctx.Err(), why: "waited too long for other PDFs to be read; try again in a moment"}
	}
	box, err := openSandbox(ctx, r.memory)
	if err != nil {
		return nil, sandboxProblem(ctx, err)
	}
	defer func() { _ = box.Close() }() // its memory goes with it, whatever it says
	page, err := readPages(ctx, box, data)
	if err != nil {
		return nil, sandboxProblem(ctx, err)
	}
	return page, nil
}

// sandboxProblem tells a file that PDFium cannot read from one that it was stopped at.
func sandboxProblem(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return err
	case errors.Is(err, pdfiumerrors.ErrPassword) || errors.Is(err, pdfiumerrors.ErrSecurity):
		return &problem{cause: err, why: "is protected with a password; save it without one"}
	default:
		return damaged(formatPDF, err)
	}
}

// openSandbox starts a PDFium without files or network, with so many
// pages of memory, which stops when ctx ends.
func openSandbox(ctx context.Context, memory uint32) (pdfium.Pool, error) {
	return webassembly.Init(webassembly.Config{
		Context:  ctx,
		MaxIdle:  1,
		MaxTotal: 1,
		FSConfig: wazero.NewFSConfig(),
		Stdout:   io.Discard,
		Stderr:   io.Discard,
		RuntimeConfig: wazero.NewRuntimeConfigInterpreter().
			WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
			WithMemoryLimitPages(memory).
			WithCloseOnContextDone(true),
	})
}

func readPages(ctx context.Context, box pdfium.Pool, data []byte) (*persona.Page, error) {
	in, err := box.GetInstanceWithContext(ctx)
	if err != nil {
		return nil, err
	}
	doc, err := in.OpenDocument(&requests.OpenDocument{File: &data})
	if err != nil {
		return nil, err
	}
	count, err := in.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc.Document})
	if err != nil {
		return nil, err
	}
	page := &persona.Page{}
	if t, err := in.FPDF_GetMetaText(&requests.FPDF_GetMetaText{Document: doc.Document, Tag: "Title"}); err == nil {
		page.Title = t.Value
	}
	var text strings.Builder
	for i := range count.PageCount {
		s, err := pageText(in, doc.Document, i)
		if err != nil && text.Len() == 0 {
			return nil, err
		}
		if err != nil { // mostly the deadline; the pages before it are worth having
			page.Truncated = true
			break
		}
		if s != "" && text.Len() > 0 {
			text.WriteString("\n\n")
		}
		text.WriteString(s)
		if text.Len() > 4*persona.MaxText { // in bytes: there are enough code points
			page.Truncated = i+1 < count.PageCount
			break
		}
	}
	page.Text = text.String()
	return page, nil
}

func pageText(in pdfium.Pdfium, doc references.FPDF_DOCUMENT, index int) (string, error) {
	on := requests.Page{ByIndex: &requests.PageByIndex{Document: doc, Index: index}}
	page, err := in.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: on})
	if err != nil {
		return "", err
	}
	n, err := in.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: page.TextPage})
	if err != nil || n.Count <= 0 {
		return "", err
	}
	text, err := in.FPDFText_GetText(&requests.FPDFText_GetText{TextPage: page.TextPage, Count: n.Count})
	if err != nil {
		return "", err
	}
	if _, err := in.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: page.TextPage}); err != nil {
		return "", err
	}
	// Lines end in CR LF; a lone CR is an artefact, and U+FFFE stands for the
	// hyphen of a word that was broken at the end of a line.
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "", "\ufffe", "").Replace(text.Text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n"), nil
}
