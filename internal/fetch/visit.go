package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

const (
	maxRedirects = 5
	maxHeader    = 64 << 10 // bytes of a response's header

	userAgent = "persona-api (+https://github.com/persona-api/persona-api)"
	accept    = "text/html, application/xhtml+xml, text/markdown;q=0.9, text/plain;q=0.9, application/pdf;q=0.8, " + mediaDOCX + ";q=0.8"
)

// transport returns one that dials only what the guard lets through, asks no
// proxy, and keeps no connection: a second page is a second look-up and check.
func transport(g *guard, names *net.Resolver) *http.Transport {
	dialer := &net.Dialer{Resolver: names, ControlContext: g.dial}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxHeader,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	}
}

// visit asks for the page and follows its redirects.
func (r *Reader) visit(ctx context.Context, address string) (*raw, error) {
	u, err := r.guard.parse(address)
	if err != nil {
		return nil, err
	}
	for hop := range maxRedirects + 1 {
		in, next, err := r.ask(ctx, u)
		if err != nil && hop > 0 {
			err = redirected(err)
		}
		if err != nil || next == nil {
			return in, err
		}
		if err := r.guard.check(next); err != nil {
			return nil, redirected(err)
		}
		if u.Scheme == "https" && next.Scheme == "http" {
			return nil, redirected(refused("downgrade", "is sent from https to http, where anybody on the way could change it"))
		}
		u = next
	}
	return nil, &problem{why: fmt.Sprintf("redirects more than %d times; give the address that it ends at", maxRedirects)}
}

// redirected says that it was a redirect that led to the problem.
func redirected(err error) error {
	var p *problem
	if errors.As(err, &p) {
		q := *p
		q.why = "redirects to another, which " + p.why
		return &q
	}
	return err
}

// ask makes one request. It returns the page, or where it is redirected to.
func (r *Reader) ask(ctx context.Context, u *url.URL) (*raw, *url.URL, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header = http.Header{"User-Agent": {userAgent}, "Accept": {accept}}
	res, err := r.web.RoundTrip(req)
	if err != nil {
		return nil, nil, unreached(err)
	}
	defer func() { _ = res.Body.Close() }() // there is nothing to do about it

	switch res.StatusCode {
	case http.StatusOK:
		in, err := r.receive(u, res)
		return in, nil, err
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		next, err := u.Parse(res.Header.Get("Location"))
		if err != nil || res.Header.Get("Location") == "" {
			return nil, nil, &problem{why: "redirects to nowhere; give the address of the page itself"}
		}
		return nil, next, nil
	default:
		return nil, nil, answered(res)
	}
}

// receive reads the body of a page that is there.
func (r *Reader) receive(u *url.URL, res *http.Response) (*raw, error) {
	declared := res.Header.Get("Content-Type")
	if err := readable(declared); err != nil {
		return nil, err
	}
	if enc := res.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return nil, &problem{why: "is compressed in a way that was not asked for; save it as a file, or paste its text"}
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, maxPage+1))
	if err != nil {
		if ctxErr := res.Request.Context().Err(); ctxErr != nil {
			return nil, err
		}
		return nil, &problem{retryable: true, cause: err, why: "broke off while it was read; try again, or paste the text"}
	}
	cut := len(data) > maxPage
	data = data[:min(len(data), maxPage)]
	f, err := formatOf(data, declared, path.Base(u.Path))
	if err != nil {
		return nil, err
	}
	if cut && (f == formatPDF || f == formatDOCX) {
		return nil, &problem{why: fmt.Sprintf("is a %s of more than 1 MiB; save it and give it as a file, of which %d MiB are read", f, maxFile>>20)}
	}
	if mediaType(declared) == mediaBinary && f != formatPDF && f != formatDOCX {
		return nil, unreadable(mediaBinary)
	}
	return &raw{data: data, format: f, mediaType: declared, url: u.String(), cut: cut}, nil
}

// readable refuses the media types that hold no text about a person.
func readable(declared string) error {
	switch t := mediaType(declared); t {
	case "", mediaBinary, mediaHTML, mediaXHTML, mediaPlain, mediaMarkdown, "text/x-markdown", mediaPDF, mediaDOCX:
		return nil
	default:
		if _, _, err := mime.ParseMediaType(declared); err != nil {
			t = "something that does not say what it is"
		}
		return unreadable(t)
	}
}

func unreadable(mediaType string) *problem {
	return &problem{why: "is " + mediaType + ", and HTML, plain text, Markdown, PDF and DOCX are read; paste its text"}
}

// unreached says why there was no answer.
func unreached(err error) error {
	var (
		refusal *problem
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &refusal):
		return refusal
	case errors.As(err, &dns) && dns.IsNotFound:
		return &problem{cause: err, why: "is on a host that does not exist; check the address"}
	case errors.As(err, &cert):
		return &problem{cause: err, why: "is on a host whose certificate is not valid, so that nobody can tell whose page it is; paste the text if you trust it"}
	default:
		return err
	}
}

// answered says what a status other than 200 means.
func answered(res *http.Response) *problem {
	code := res.StatusCode
	p := &problem{why: strings.TrimSpace(fmt.Sprintf("answered %d %s", code, http.StatusText(code)))}
	switch {
	case code == http.StatusUnauthorized || code == http.StatusForbidden || code == http.StatusProxyAuthRequired:
		p.why += ": it is not open to everybody; paste its text"
	case code == http.StatusNotFound || code == http.StatusGone:
		p.why += "; check the address"
	case code == http.StatusTooManyRequests || code >= 500:
		p.retryable, p.after = true, retryAfter(res.Header.Get("Retry-After"))
		p.why += "; try again later, or paste the text"
	default:
		p.why += "; check the address, or paste the text"
	}
	return p
}

// retryAfter reads the header's seconds; 0 of anything else.
func retryAfter(s string) time.Duration {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 24*60*60 {
		return 0
	}
	return time.Duration(n) * time.Second
}
