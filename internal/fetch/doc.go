// Package fetch turns pages on the web and files into text, guarded.
//
// # What may be fetched
//
// A page is asked for by GET over http or https, on port 80 or 443, at a public
// address. What counts is the address that is dialled, not the one a name was
// found at before: the check sits in the dialer, so a name that changes between
// two look-ups gains nothing. Every redirect is checked like the first address,
// at most five are followed, and none from https to http. Nothing of the caller
// goes along: no cookie, no credentials, no referrer, no proxy of the
// environment. A page has ten seconds and one mebibyte, counted after
// decompression.
//
// # How text is read
//
// HTML: go-readability finds the article. Where an article is not most of what
// the page says (a contact page, a CV made of lists) all visible text is taken
// instead. Both are written out here and not by the library, whose rendering
// runs the end of a block into the text behind it, while the engines live on
// lines.
//
// PDF: PDFium, as WebAssembly inside the process (go-pdfium on wazero). The
// libraries written in Go lose the spaces of what TeX sets and have no bound on
// time or memory; PDFium reads both, and the sandbox ends a hostile file at its
// deadline and at its share of memory, without files or network. wazero
// interprets instead of compiling: a compiled PDFium answers in a tenth of the
// time, but the compiling takes seconds and hundreds of mebibytes once per
// process, and a CV has few pages.
//
// DOCX: encoding/xml over archive/zip. What there is of libraries writes
// documents or holds them whole in memory; reading runs of text needs neither.
package fetch
