package fetch

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/language"

	"github.com/persona-api/persona-api/internal/persona"
)

const (
	// maxMarkup is how much of a file's markup is read, in bytes. Some parsing takes
	// time that grows with the square of it: seconds for a mebibyte.
	maxMarkup = maxPage
	// maxElements is the most that readability is given: its time grows faster than the page.
	maxElements = 20_000
	// articleShare is how much of a page's prose an article must hold to stand for it, in per cent.
	articleShare = 50
	// paragraph is the least length of one, in bytes, so that scripts that say more per
	// letter need fewer; paragraphShare is how much of an article they must be, in per cent.
	paragraph      = 100
	paragraphShare = 60
)

// inlined are pictures and fonts inside the markup, where saved pages have them.
var inlined = regexp.MustCompile(`data:[^"'\s)<>]{256,}`)

// readHTML returns the article of a page, or all its visible text.
func readHTML(in raw) (*persona.Page, error) {
	markup, err := decode(in.data, in.mediaType)
	if err != nil {
		return nil, err
	}
	markup = inlined.ReplaceAllLiteralString(markup, "data:,")
	cut := in.cut || len(markup) > maxMarkup
	if markup = markup[:min(len(markup), maxMarkup)]; cut { // neither half a tag nor half a word
		markup = markup[:max(strings.LastIndexAny(markup, "< \t\r\n"), 0)]
	}
	root, err := html.Parse(strings.NewReader(markup))
	if err != nil {
		return nil, damaged(formatHTML, err)
	}
	page := &persona.Page{Language: pageLanguage(root), Truncated: cut}
	if n := first(root, atom.Title); n != nil && n.FirstChild != nil {
		page.Title = n.FirstChild.Data
	}
	elements := prune(root)
	page.Text = visibleText(root)
	if elements > maxElements {
		return page, nil
	}
	base, err := url.Parse(in.url)
	if err != nil || in.url == "" { // a file has none; readability wants one for its links
		base = &url.URL{Scheme: "https", Host: "localhost"}
	}
	all, heading := prose(root), ""
	if h1 := first(root, atom.H1); h1 != nil {
		heading = visibleText(h1)
	}
	parser := readability.NewParser()
	parser.DisableJSONLD = true
	article, err := parser.ParseAndMutate(root, base)
	if err != nil || article.Node == nil {
		return page, nil
	}
	if text := visibleText(article.Node); inParagraphs(text) && prose(article.Node)*100 >= all*articleShare {
		page.Text = text
		// Readability drops the heading that repeats the title: on a page about somebody, the name.
		if heading != "" && !slices.Contains(strings.Split(page.Text, "\n"), heading) {
			page.Text = heading + "\n\n" + page.Text
		}
	}
	return page, nil
}

// first returns the first HTML element of this name, nil when there is none.
func first(root *html.Node, tag atom.Atom) *html.Node {
	for n := range root.Descendants() {
		if name(n) == tag && n.Namespace == "" {
			return n
		}
	}
	return nil
}

// name returns an element's name. The DataAtom is not set in what readability makes.
func name(n *html.Node) atom.Atom {
	if n.Type != html.ElementNode {
		return 0
	}
	return atom.Lookup([]byte(n.Data))
}

// pageLanguage returns the two letters of the language that the page says it is in.
func pageLanguage(root *html.Node) string {
	n := first(root, atom.Html)
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == "lang" || a.Key == "xml:lang" {
			return twoLetters(a.Val)
		}
	}
	return ""
}

// twoLetters returns the ISO 639-1 code of a BCP 47 tag, "" when there is none.
func twoLetters(tag string) string {
	t, err := language.Parse(strings.TrimSpace(tag))
	if err != nil {
		return ""
	}
	base, confidence := t.Base()
	if code := base.String(); confidence == language.Exact && len(code) == 2 {
		return code
	}
	return ""
}

// prune takes out what a reader does not see and what is no text of the page,
// and returns how many elements are left. What a style sheet hides stays: no
// style sheet is fetched.
func prune(n *html.Node) int {
	elements := 0
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type == html.CommentNode || c.Type == html.ElementNode && unseen(c):
			n.RemoveChild(c)
		default:
			if c.Type == html.ElementNode {
				elements++
			}
			elements += prune(c)
		}
		c = next
	}
	return elements
}

func unseen(n *html.Node) bool {
	switch name(n) {
	case atom.Html, atom.Body: // hidden only until a script has run
		return false
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe, atom.Object, atom.Embed, atom.Svg, atom.Math,
		atom.Canvas, atom.Audio, atom.Video, atom.Button, atom.Select, atom.Datalist, atom.Textarea, atom.Input:
		return true
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "hidden":
			return true
		case "aria-hidden":
			if strings.EqualFold(strings.TrimSpace(a.Val), "true") {
				return true
			}
		case "style":
			if hides(a.Val) {
				return true
			}
		}
	}
	return false
}

// hides reports whether a style attribute makes its element invisible.
func hides(style string) bool {
	for declaration := range strings.SplitSeq(strings.ToLower(style), ";") {
		property, value, _ := strings.Cut(declaration, ":")
		value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
		switch strings.TrimSpace(property) + ":" + value {
		case "display:none", "visibility:hidden", "visibility:collapse", "content-visibility:hidden",
			"opacity:0", "opacity:0%", "font-size:0", "font-size:0px", "font-size:0em":
			return true
		}
	}
	return false
}

// inParagraphs reports whether a text is written in paragraphs. Where it is in
// lists and short lines, as a CV is, readability takes some of them for menus.
func inParagraphs(text string) bool {
	long := 0
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) >= paragraph {
			long += len(line)
		}
	}
	return long*100 >= len(text)*paragraphShare
}

// prose counts the letters that are neither links nor the page's frame: what
// tells an article from the page around it.
func prose(n *html.Node) int {
	switch name(n) {
	case atom.A, atom.Nav, atom.Aside, atom.Footer, atom.Head:
		return 0
	}
	if n.Type == html.TextNode {
		return utf8.RuneCountInString(strings.Join(strings.Fields(n.Data), ""))
	}
	letters := 0
	for c := range n.ChildNodes() {
		letters += prose(c)
	}
	return letters
}

// visibleText writes the text below a node: a line per block, list item and
// table row, a tab between cells, an empty line around paragraphs and headings.
func visibleText(root *html.Node) string {
	var w htmlWriter
	w.node(root, false)
	return w.String()
}

// htmlWriter writes text as the tree's nodes come by.
type htmlWriter struct{ lines }

func (w *htmlWriter) node(n *html.Node, preformatted bool) {
	switch n.Type {
	case html.TextNode:
		w.words(n.Data, preformatted)
		return
	case html.ElementNode, html.DocumentNode:
	default:
		return
	}
	around := 0
	switch name(n) {
	case atom.Head:
		return
	case atom.Br:
		w.breaks++
		return
	case atom.Td, atom.Th:
		w.space = '\t'
	case atom.Pre:
		around, preformatted = 2, true
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Dl, atom.Table, atom.Blockquote,
		atom.Hr, atom.Section, atom.Article:
		around = 2
	case atom.Div, atom.Li, atom.Dt, atom.Dd, atom.Tr, atom.Caption, atom.Thead, atom.Tbody, atom.Tfoot, atom.Header, atom.Footer,
		atom.Main, atom.Aside, atom.Nav, atom.Address, atom.Figure, atom.Figcaption, atom.Details, atom.Summary, atom.Dialog,
		atom.Form, atom.Fieldset, atom.Legend, atom.Hgroup, atom.Body, atom.Option, atom.Center:
		around = 1
	}
	switch {
	case around == 0:
	case alone(n, atom.Td) || alone(n, atom.Th): // a row stays a line
		around = 0
	case n.Parent != nil && name(n.Parent) == atom.Li: // a list in a list item is not set apart from it
		around = 1
	}
	w.breaks = max(w.breaks, around)
	for c := range n.ChildNodes() {
		w.node(c, preformatted)
	}
	w.breaks = max(w.breaks, around)
}

// words writes a text node, its runs of white space as one space each, except
// in a pre element.
func (w *htmlWriter) words(s string, preformatted bool) {
	if preformatted {
		for i, line := range strings.Split(s, "\n") {
			if i > 0 {
				w.breaks++
			}
			if line != "" {
				w.word(line)
			}
		}
		return
	}
	start := -1
	for i, r := range s {
		switch {
		case !unicode.IsSpace(r):
			if start < 0 {
				start = i
			}
			continue
		case start >= 0:
			w.word(s[start:i])
			start = -1
		}
		if w.space == 0 {
			w.space = ' '
		}
	}
	if start >= 0 {
		w.word(s[start:])
	}
}

// alone reports whether a node is all that its parent, an element of this name, has.
func alone(n *html.Node, parent atom.Atom) bool {
	if n.Parent == nil || name(n.Parent) != parent {
		return false
	}
	for c := range n.Parent.ChildNodes() {
		if c != n && (c.Type != html.TextNode || strings.TrimSpace(c.Data) != "") {
			return false
		}
	}
	return true
}
