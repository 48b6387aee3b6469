package extract

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/persona-api/persona-api/internal/persona"
)

// address is something found by its form: bytes of the text.
type address struct{ start, end int }

// emails returns the e-mail addresses, found once.
func (t *text) emails() []address {
	if !t.addressed {
		t.mails, t.addressed = t.findEmails(), true
		t.pages, t.own = t.findLinks()
	}
	return t.mails
}

// links returns the addresses of pages, and which of them are people's own profiles.
func (t *text) links() (all []address, own []bool) {
	t.emails()
	return t.pages, t.own
}

func (t *text) findEmails() []address {
	var out []address
	s := t.s
	last := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '@' {
			continue
		}
		a := i
		for a > last && i-a < 64 && mailByte(s[a-1]) {
			a--
		}
		for a < i && (s[a] == '.' || s[a] == '-') {
			a++
		}
		if a > 0 && s[a-1] == '@' {
			continue // @ana@example.net is a handle
		}
		b := i + 1
		for b < len(s) && b-i < 255 && (alnum(s[b]) || s[b] == '.' || s[b] == '-') {
			b++
		}
		for b > i+1 && !alnum(s[b-1]) {
			b--
		}
		host := s[i+1 : b]
		dot := strings.LastIndexByte(host, '.')
		if a < i && dot > 0 && len(host)-dot > 2 && letters(host[dot+1:]) {
			out = append(out, address{a, b})
			last = b
		}
		i = max(i, b-1)
	}
	return out
}

func mailByte(c byte) bool { return alnum(c) || strings.IndexByte("._%+-", c) >= 0 }

func alnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func letters(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return s != ""
}

// profileHosts are hosts whose pages are people's own.
var profileHosts = []string{
	"linkedin.com/in/", "linkedin.com/", "github.com/", "gitlab.com/", "twitter.com/", "x.com/", "facebook.com/", "instagram.com/", "xing.com/profile/",
	"behance.net/", "dribbble.com/", "medium.com/@", "stackoverflow.com/users/", "orcid.org/", "researchgate.net/profile/", "indeed.com/r/", "about.me/",
}

// findLinks looks where an address can begin.
func (t *text) findLinks() (all []address, own []bool) {
	low := t.s
	for i := 0; i < len(low); i++ {
		c := low[i] | 0x20
		if strings.IndexByte("hwlgtxfibdmsoraui", c) < 0 {
			continue // no scheme and no host begins so
		}
		if i > 0 && (alnum(low[i-1]) || low[i-1] == '@' || low[i-1] == '.' || low[i-1] == '/' || low[i-1] == '-') || c < 'a' || c > 'z' {
			continue
		}
		rest := low[i:]
		// Nothing to fold and compare unless a point or colon is near.
		if !strings.ContainsAny(rest[:min(len(rest), 16)], ".:") {
			continue
		}
		head := strings.ToLower(rest[:min(len(rest), 40)])
		scheme := strings.HasPrefix(head, "http://") || strings.HasPrefix(head, "https://")
		www := strings.HasPrefix(head, "www.")
		profile := false
		bare := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(head, "https://"), "http://"), "www.")
		for _, h := range profileHosts {
			if strings.HasPrefix(bare, h) || strings.HasPrefix(bare, "de."+h) || strings.HasPrefix(bare, "uk."+h) || strings.HasPrefix(bare, "in."+h) {
				profile = true
				break
			}
		}
		if !scheme && !www && !profile {
			continue
		}
		n := 0
		for n < len(rest) && n < 300 {
			r, size := utf8.DecodeRuneInString(rest[n:])
			if unicode.IsSpace(r) || strings.ContainsRune("<>\"“”|,;()[]{}•", r) || unicode.Is(unicode.Co, r) {
				break
			}
			n += size
		}
		link := strings.TrimRight(rest[:n], ".:!?'’…-")
		body := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(link), "https://"), "http://"), "www.")
		if dot := strings.IndexByte(body, '.'); dot > 0 && dot < len(body)-1 {
			all, own = append(all, address{i, i + len(link)}), append(own, profile && len(body) > strings.IndexByte(body, '/')+1 && strings.Contains(body, "/"))
		}
		i += max(n, 1) - 1
	}
	return all, own
}

// phones finds telephone numbers: with + or a label of seven digits and more,
// otherwise in the usual groups of ten and more.
func (t *text) phones(s span) []address {
	var out []address
	for i := s.a; i < s.b; i++ {
		k := t.tok(i)
		plus := k.sign == '+' && i+1 < s.b && t.tok(i+1).digits && t.tok(i+1).gap == glued
		open := k.sign == '(' && i+1 < s.b && (t.tok(i+1).number || t.tok(i+1).sign == '+')
		if !plus && !open && !k.number || i > s.a && k.gap == glued && !strings.ContainsRune("(:|•", t.tok(i-1).sign) && t.tok(i-1).word != "" {
			continue
		}
		digits, groups, j, last := 0, 0, i, i
		for j < s.b && j-i < 16 {
			c := t.tok(j)
			if j > i && c.gap > spaced {
				break
			}
			if c.number {
				digits += len(c.word)
				groups++
				last = j
			} else if c.sign == 0 || !strings.ContainsRune("+()-./–‐ ", c.sign) || c.sign == '+' && j > i+1 {
				break
			}
			j++
		}
		end := last + 1
		if digits < 7 || digits > 15 {
			i = last
			continue
		}
		label := t.phoneLabel(i)
		if label < 0 || !plus && label == 0 && (digits < 10 || groups > 5 || groups == 1 && !strings.HasPrefix(k.word, "0") && digits != 10) || !plus && t.yearsOnly(span{i, end}) {
			i = last
			continue
		}
		out = append(out, address{k.start, t.tok(end - 1).end})
		i = last
	}
	return out
}

// phoneLabel says whether the words before token i announce a telephone (1), a
// fax or another number (-1), or nothing (0).
func (t *text) phoneLabel(i int) int {
	for j := i - 1; j >= 0 && j >= i-4; j-- {
		switch t.tok(j).word {
		case "":
			continue
		case "fax", "id", "no", "number", "iban", "order", "invoice", "isbn", "account", "ref", "vat", "ticket", "pin", "serial":
			if t.tok(j).word == "no" || t.tok(j).word == "number" {
				continue
			}
			return -1
		case "phone", "tel", "telephone", "mobile", "cell", "ph", "mob", "contact", "telefon", "mobil", "handy", "téléphone", "portable", "teléfono", "móvil", "tél", "whatsapp", "home", "t", "m", "p", "call", "电话", "手机", "الهاتف", "هاتف":
			return 1
		}
		return 0
	}
	return 0
}

// yearsOnly reports whether every number of the span is a year.
func (t *text) yearsOnly(s span) bool {
	for i := s.a; i < s.b; i++ {
		if _, ok := year(t.tok(i)); t.tok(i).number && !ok {
			return false
		}
	}
	return true
}

// contacts says the addresses of a text that is about somebody.
func (r *reading) contacts(within span) {
	t := r.text
	lo, hi := 0, len(t.s)
	if within.b > within.a {
		lo, hi = t.tok(within.a).start, t.tok(within.b-1).end
	}
	mails := t.emails()
	for n := after(mails, lo); n < len(mails) && mails[n].end <= hi; n++ {
		if e := mails[n]; !t.roleMail(e) {
			r.sayBytes("contact.emails", t.s[e.start:e.end], 980, e.start, e.end)
		}
	}
	for _, p := range t.phones(within) {
		r.sayBytes("contact.phones", oneLine(t.s[p.start:p.end]), 930, p.start, p.end)
	}
	links, own := t.links()
	for i := after(links, lo); i < len(links) && links[i].end <= hi; i++ {
		if l := links[i]; own[i] || r.ownPage(l) {
			r.sayBytes("contact.links", t.s[l.start:l.end], 930, l.start, l.end)
		}
	}
}

// after returns the first of addresses, which are in order, that begins at a byte or after it.
func after(all []address, begin int) int {
	return sort.Search(len(all), func(n int) bool { return all[n].start >= begin })
}

// ownPage reports whether the address of a page is the person's by what stands
// around it: a label, an address of the person on the line, the name in the host.
func (r *reading) ownPage(l address) bool {
	t := r.text
	i := sort.Search(len(t.toks), func(i int) bool { return t.toks[i].start >= l.start })
	for j := i - 1; j >= 0 && j >= i-4 && !t.tok(j+1).newline; j-- {
		if t.lex.pageLabels[t.tok(j).word] {
			return true
		}
	}
	// The line, as far as it is one of contacts and not of prose.
	begin, end := max(0, l.start-200), min(len(t.s), l.end+200)
	begin += strings.LastIndexByte(t.s[begin:l.start], '\n') + 1
	if n := strings.IndexByte(t.s[l.end:end], '\n'); n >= 0 {
		end = l.end + n
	}
	mails := t.emails()
	for n := after(mails, begin); n < len(mails) && mails[n].end <= end; n++ {
		if !t.roleMail(mails[n]) {
			return true
		}
	}
	host := strings.ToLower(t.s[l.start:l.end])
	for w := range r.subject {
		if len(w) > 4 && strings.Contains(host, w) {
			return true
		}
	}
	return false
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// roleMail reports whether the address is an office's, such as info@ or support@.
func (t *text) roleMail(e address) bool {
	local, _, _ := strings.Cut(strings.ToLower(t.s[e.start:e.end]), "@")
	n := t.lex.root.next[strings.ReplaceAll(strings.ReplaceAll(local, ".", ""), "-", "")]
	return n != nil && n.classes&isRoleMail != 0
}

// confidences of the techniques, per mille.
const (
	sureLabel   persona.PerMille = 950 // after a label that says what it is
	sureForm    persona.PerMille = 930 // by its form or a fixed formula
	sureLayout  persona.PerMille = 850 // by the layout of a CV
	sureCue     persona.PerMille = 820 // after a cue phrase
	sureLexicon persona.PerMille = 700 // by a word list
	sureGuess   persona.PerMille = 600 // by place and shape alone
	sureLittle  persona.PerMille = 500
)
