package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/fetch"
	"github.com/persona-api/persona-api/internal/persona"
)

const about = "Ottilie Varga builds flood models in Pécs."

func TestAPageIsRead(t *testing.T) {
	s := serve(t, page("text/html; charset=utf-8", `<html lang="en-GB"><title> About
		Ottilie </title><body><h1>Ottilie Varga</h1><p>Hydrologist</p>`))
	got, err := local(fetch.Options{}).Fetch(t.Context(), s.URL+"/about#top")
	require.NoError(t, err)
	require.Equal(t, &persona.Page{
		Text: "Ottilie Varga\n\nHydrologist", Title: "About Ottilie", Language: "en", URL: s.URL + "/about", Kind: persona.KindURL,
	}, got)
}

func TestARequestTellsNothingOfTheCallerAndHonestlyWhoAsks(t *testing.T) {
	var seen []http.Header
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header)
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/next", http.StatusFound)
			return
		}
		page("text/plain", about)(w, r)
	})
	// No proxy is asked for an address of this machine, whatever a client does; so the page has a name.
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	r := local(fetch.Options{Resolver: names(t, func(string, int) []string { return []string{"127.0.0.1"} })})
	_, err := r.Fetch(t.Context(), "http://about.example.org:"+portOf(t, s.URL))
	require.NoError(t, err)
	require.Len(t, seen, 2)
	for _, h := range seen {
		for _, name := range []string{"Cookie", "Authorization", "Referer", "Accept-Language"} {
			require.Empty(t, h.Get(name), name)
		}
		require.Equal(t, "persona-api (+https://github.com/persona-api/persona-api)", h.Get("User-Agent"))
	}
}

func TestMediaTypes(t *testing.T) {
	doc := docx(t, map[string]string{"word/document.xml": paragraphs("Ottilie Varga")})
	paper := pdf("BT /F1 12 Tf 72 700 Td (Ottilie Varga) Tj ET")
	for _, c := range []struct{ mediaType, body, want string }{
		{"text/html", "<p>Ottilie Varga", "Ottilie Varga"},
		{"Application/XHTML+XML; charset=UTF-8", `<html xmlns="http://www.w3.org/1999/xhtml"><body><p>Ottilie Varga</p></body></html>`, "Ottilie Varga"},
		{"text/plain", "<p>Ottilie Varga", "<p>Ottilie Varga"},
		{"text/markdown; variant=GFM", "# Ottilie Varga", "# Ottilie Varga"},
		{"application/pdf", paper, "Ottilie Varga"},
		{"application/octet-stream", paper, "Ottilie Varga"},
		{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", doc, "Ottilie Varga"},
		{"application/octet-stream", doc, "Ottilie Varga"},
		{"", "<!doctype html><p>Ottilie Varga", "Ottilie Varga"},
	} {
		t.Run(c.mediaType, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = []string{c.mediaType}
				_, _ = w.Write([]byte(c.body)) // the reader reads it whole
			})
			got, err := local(fetch.Options{Timeout: 5 * time.Minute}).Fetch(t.Context(), s.URL)
			require.NoError(t, err)
			require.Equal(t, c.want, got.Text)
			require.Equal(t, persona.KindURL, got.Kind)
		})
	}
	for _, c := range []struct{ mediaType, body, want string }{
		{"image/png", "\x89PNG\r\n\x1a\n", "is image/png,"},
		{"application/json", "{}", "is application/json,"},
		{"video/mp4; codecs=avc1", "", "is video/mp4,"},
		{"nonsense; ; =", "x", "is something that does not say what it is,"},
		{"application/octet-stream", "Ottilie Varga", "is application/octet-stream,"},
		{"text/html", "\x89PNG\r\n\x1a\n\x00", "is image/png;"},
		{"text/plain", "PK\x03\x04rubbish", "cannot be read as DOCX"},
		{"application/pdf", "<p>Please log in", "says that it is a PDF or DOCX, and is none"},
		{"text/html", "<script>render()</script><noscript>Turn JavaScript on</noscript>", "has no text"},
		{"text/html", "", "has no text"},
	} {
		t.Run("not "+c.mediaType, func(t *testing.T) {
			f := failed(t, local(fetch.Options{}), serve(t, page(c.mediaType, c.body)).URL)
			require.Contains(t, f.Message, c.want)
			require.False(t, f.Retryable)
		})
	}
}

func TestAStatusOtherThan200IsReported(t *testing.T) {
	for _, c := range []struct {
		status int
		want   string
		retry  bool
	}{
		{404, "the page answered 404 Not Found; check the address", false},
		{410, "the page answered 410 Gone; check the address", false},
		{401, "the page answered 401 Unauthorized: it is not open to everybody; paste its text", false},
		{403, "the page answered 403 Forbidden: it is not open to everybody; paste its text", false},
		{204, "the page answered 204 No Content; check the address, or paste the text", false},
		{304, "the page answered 304 Not Modified; check the address, or paste the text", false},
		{429, "the page answered 429 Too Many Requests; try again later, or paste the text", true},
		{500, "the page answered 500 Internal Server Error; try again later, or paste the text", true},
		{503, "the page answered 503 Service Unavailable; try again later, or paste the text", true},
		{599, "the page answered 599; try again later, or paste the text", true},
	} {
		t.Run(strconv.Itoa(c.status), func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(c.status)
			})
			f := failed(t, local(fetch.Options{}), s.URL)
			require.Equal(t, c.want, f.Message)
			require.Equal(t, c.retry, f.Retryable)
			require.Equal(t, c.retry, f.RetryAfter == 7*time.Second)
		})
	}
}

func TestRedirectsAreFollowedFiveTimes(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		if err != nil || n == 0 {
			page("text/plain", about)(w, r)
			return
		}
		http.Redirect(w, r, fmt.Sprintf("/%d", n-1), []int{301, 302, 303, 307, 308}[n%5])
	})
	r := local(fetch.Options{})
	got, err := r.Fetch(t.Context(), s.URL+"/5")
	require.NoError(t, err)
	require.Equal(t, s.URL+"/0", got.URL)
	require.Contains(t, failed(t, r, s.URL+"/6").Message, "the page redirects more than 5 times")
}

func TestRedirectsAreCheckedLikeTheFirstAddress(t *testing.T) {
	for to, want := range map[string]string{
		"/":                                 "redirects more than 5 times", // a loop
		"http://127.0.0.2/":                 "redirects to another, which is at a loopback address",
		"http://169.254.169.254/latest":     "redirects to another, which is at a cloud's metadata address",
		"http://2130706433/":                "redirects to another, which has an address whose host is a number",
		"//localhost/":                      "redirects to another, which has an address whose host is a name without a domain",
		"file:///etc/passwd":                "redirects to another, which has an address that does not begin with http",
		"gopher://127.0.0.1:6379/_FLUSHALL": "redirects to another, which has an address that does not begin with http",
		"http://ottilie:hunter2@127.0.0.1/": "redirects to another, which has an address with a user name or a password",
		"http://93.184.215.14:25/":          "redirects to another, which is on port 25",
		"":                                  "redirects to nowhere",
		"http://[::1":                       "redirects to nowhere",
	} {
		t.Run(to, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", to)
				w.WriteHeader(http.StatusFound)
			})
			f := failed(t, local(fetch.Options{}), s.URL)
			require.Contains(t, f.Message, want)
			require.NotContains(t, f.Error(), "hunter2")
		})
	}
}

func TestCertificatesAreVerifiedAndHTTPSIsNotLeft(t *testing.T) {
	plain := serve(t, page("text/plain", "anybody may have written this"))
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			http.Redirect(w, r, plain.URL, http.StatusFound)
			return
		}
		page("text/plain", about)(w, r)
	}))
	t.Cleanup(s.Close)
	r := local(fetch.Options{})
	require.Contains(t, failed(t, r, s.URL).Message, "certificate is not valid")

	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	r.Trust(roots)
	got, err := r.Fetch(t.Context(), s.URL)
	require.NoError(t, err)
	require.Equal(t, about, got.Text)
	require.Contains(t, failed(t, r, s.URL+"/down").Message, "redirects to another, which is sent from https to http")
}

func TestAMetaRefreshIsNotFollowed(t *testing.T) {
	s := serve(t, page("text/html", `<meta http-equiv="refresh" content="0; url=http://127.0.0.2/"><p>`+about))
	got, err := local(fetch.Options{}).Fetch(t.Context(), s.URL)
	require.NoError(t, err)
	require.Equal(t, about, got.Text)
}

// A body that never ends, a header that never comes, an answer that never begins.
func TestASlowServerIsLeftAtTheDeadline(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"body": func(w http.ResponseWriter, r *http.Request) {
			page("text/plain", "O")(w, r)
			_ = http.NewResponseController(w).Flush() // what matters is the wait that follows
			<-r.Context().Done()
		},
		"header": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			f := failed(t, local(fetch.Options{Timeout: 100 * time.Millisecond}), serve(t, h).URL)
			require.Equal(t, "the page took longer than 100ms; try again later, or paste the text", f.Message)
			require.True(t, f.Retryable)
		})
	}
}

func TestACallerWhoGivesUpIsToldSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	_, err := local(fetch.Options{}).Fetch(ctx, s.URL)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "was given up")
}

func TestABodyThatBreaksOffIsNoPage(t *testing.T) {
	hijacked := func(answer string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			_, _ = conn.Write([]byte(answer)) // the client may be gone
			_ = conn.Close()
		}
	}
	for name, c := range map[string]struct{ answer, want string }{
		"shorter than its length": {"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nOttilie", "broke off"},
		"cut chunk":               {"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nOttilie", "broke off"},
		"wrong chunk":             {"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nOttilie", "broke off"},
		"broken gzip":             {"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nOttilie", "broke off"},
		"two lengths":             {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nOttilie", "could not be reached"},
		"no HTTP":                 {"220 mail.example.org ESMTP\r\n", "could not be reached"},
		"nothing":                 {"", "could not be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			f := failed(t, local(fetch.Options{}), serve(t, hijacked(c.answer)).URL)
			require.Contains(t, f.Message, c.want)
			require.True(t, f.Retryable)
		})
	}
}

func TestAHugeHeaderIsRefused(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Padding", strings.Repeat("x", 100<<10))
		page("text/plain", about)(w, r)
	})
	require.Contains(t, failed(t, local(fetch.Options{}), s.URL).Message, "could not be reached")
}

func TestAnEncodingThatWasNotAskedForIsRefused(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "br")
		page("text/html", "\x1b\x00")(w, r)
	})
	require.Contains(t, failed(t, local(fetch.Options{}), s.URL).Message, "is compressed in a way that was not asked for")
}

// 16 MiB of text in 70 kB: the reader hangs up after a mebibyte of text.
func TestACompressedBombIsReadToTheLimit(t *testing.T) {
	var bomb bytes.Buffer
	z, err := gzip.NewWriterLevel(&bomb, gzip.BestSpeed)
	require.NoError(t, err)
	block := bytes.Repeat([]byte("flood "), 1<<18/6)
	for range 1 << 6 {
		_, err := z.Write(block)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		page("text/plain", bomb.String())(w, r)
	})
	got, err := local(fetch.Options{}).Fetch(t.Context(), s.URL)
	require.NoError(t, err)
	require.True(t, got.Truncated)
	require.LessOrEqual(t, utf8.RuneCountInString(got.Text), persona.MaxText)
}

func TestABodyWithoutEndIsReadToTheLimit(t *testing.T) {
	var sent sync.WaitGroup
	sent.Add(1)
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		defer sent.Done()
		w.Header().Set("Content-Type", "text/html")
		for {
			if _, err := w.Write([]byte("<p>" + about + "</p>")); err != nil {
				return // the reader hung up
			}
		}
	})
	got, err := local(fetch.Options{}).Fetch(t.Context(), s.URL)
	require.NoError(t, err)
	require.True(t, got.Truncated)
	require.True(t, strings.HasPrefix(got.Text, about+"\n\n"+about))
	require.True(t, strings.HasSuffix(got.Text, about), "cut at the end of a paragraph")
	sent.Wait()
}

// The text of a page of more than a mebibyte can be short: it was not read to its end all the same.
func TestALongPageWithLittleTextSaysThatItWasCut(t *testing.T) {
	s := serve(t, page("text/html", "<p>"+about+"</p><!--"+strings.Repeat("é", 1<<20)+"--><p>the end"))
	got, err := local(fetch.Options{}).Fetch(t.Context(), s.URL)
	require.NoError(t, err)
	require.True(t, got.Truncated)
	require.Equal(t, about, got.Text)
}

func TestAPDFOfMoreThanAMebibyteIsAskedForAsAFile(t *testing.T) {
	s := serve(t, page("application/pdf", "%PDF-1.4\n"+strings.Repeat("\x00\xff", 1<<20)))
	require.Contains(t, failed(t, local(fetch.Options{}), s.URL).Message, "is a PDF of more than 1 MiB; save it and give it as a file")
}
