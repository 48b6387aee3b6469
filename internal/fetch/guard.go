package fetch

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
	"golang.org/x/net/idna"
)

const maxURL = 2048 // bytes

// guard decides what may be asked and what may be dialled.
type guard struct {
	public  *ssrf.Guardian // decides
	classes []class        // says why
	allow   func(netip.Addr) bool
}

// class is a range of addresses that are not fetched, and what they are.
type class struct {
	prefix netip.Prefix
	name   string
}

func newGuard(allow func(netip.Addr) bool) *guard {
	g := &guard{allow: allow}
	// The first that holds an address names it: the single ones stand before the ranges they lie in.
	for _, c := range []struct{ name, prefixes string }{
		{"a cloud's metadata address", "169.254.169.254/32 169.254.170.2/32 100.100.100.200/32 168.63.129.16/32 192.0.0.192/32 fd00:ec2::254/128 fd20:ce::254/128"},
		{"an unspecified address", "0.0.0.0/8 ::/128"},
		{"a loopback address", "127.0.0.0/8 ::1/128"},
		{"a private address", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10"},
		{"a link-local address", "169.254.0.0/16 fe80::/10"},
		{"an address shared by a provider's customers", "100.64.0.0/10"},
		{"a multicast or broadcast address", "224.0.0.0/4 255.255.255.255/32 ff00::/8"},
		{"an address for documentation", "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20"},
		{"an address for measurements", "198.18.0.0/15 2001:2::/48"},
		{"an IPv4 address in the clothes of IPv6", "::ffff:0:0/96 ::/96 64:ff9b::/96 64:ff9b:1::/48 2002::/16 2001::/32"},
	} {
		for p := range strings.FieldsSeq(c.prefixes) {
			g.classes = append(g.classes, class{netip.MustParsePrefix(p), c.name})
		}
	}
	g.public = ssrf.New(
		// Azure answers virtual machines here, in the middle of public space.
		ssrf.WithDeniedV4Prefixes(netip.MustParsePrefix("168.63.129.16/32")),
	)
	return g
}

// refused says that an address is not fetched. detail goes to the log only: what
// a private name leads to is nobody's business.
func refused(detail, format string, args ...any) *problem {
	return &problem{
		why:   fmt.Sprintf(format, args...) + "; give the address of a page on the public web, or paste its text",
		cause: fmt.Errorf("refused: %s", detail),
	}
}

// parse reads and checks an address that somebody wrote.
func (g *guard) parse(address string) (*url.URL, error) {
	address = strings.TrimSpace(address)
	if len(address) > maxURL {
		return nil, refused("long URL", "has an address of more than %d bytes", maxURL)
	}
	u, err := url.Parse(address)
	if err != nil { // the error repeats the address, which may hold a password
		return nil, refused("not a URL", "has an address that is not a URL such as https://example.org/about")
	}
	if err := g.check(u); err != nil {
		return nil, err
	}
	return u, nil
}

// check refuses what is wrong with an address as it is written, and brings the
// host into the one form that every later step sees. What a name leads to is
// checked when it is dialled.
func (g *guard) check(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" {
		return refused("scheme", "has an address that does not begin with http:// or https://")
	}
	if u.User != nil {
		return refused("user info", "has an address with a user name or a password in it, and no page is opened with somebody's credentials")
	}
	host, err := hostname(u.Hostname())
	if err != nil {
		return err
	}
	port := u.Port()
	if g.allow == nil && port != "" && port != "80" && port != "443" {
		return wrongPort(port)
	}
	switch ip, err := netip.ParseAddr(host); {
	case err != nil: // a name
	case ip.Is4In6() || ip.Zone() != "":
		return g.refuse(ip)
	default:
		if err := g.address(ip); err != nil {
			return err
		}
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if u.Host = host; port != "" {
		u.Host += ":" + port
	}
	u.Fragment, u.RawFragment = "", ""
	return nil
}

// hostname returns a host in ASCII, lower case and without a final dot, or an
// address in its usual form. It refuses the names that mean something else on
// every network, and numbers that are an address only to some readers.
func hostname(host string) (string, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.String(), nil
	}
	// Maps full-width digits, enclosed letters and foreign dots to what they stand for.
	ascii, err := idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false)).ToASCII(host)
	if err != nil {
		return "", refused("name: "+err.Error(), "has an address whose host is not a proper name")
	}
	ascii = strings.TrimSuffix(ascii, ".")
	if ip, err := netip.ParseAddr(ascii); err == nil {
		return ip.String(), nil
	}
	labels := strings.Split(ascii, ".")
	last := labels[len(labels)-1]
	switch {
	case ascii == "":
		return "", refused("no host", "has an address without a host")
	case slices.Contains(labels, "") || strings.ContainsFunc(ascii, notInName):
		return "", refused("name", "has an address whose host is not a proper name")
	case isNumber(last):
		return "", refused("number as host", "has an address whose host is a number in an unusual form")
	case len(labels) == 1:
		return "", refused("name without a domain", "has an address whose host is a name without a domain, which only a local network knows")
	}
	for suffix := range strings.FieldsSeq(localNames) {
		if strings.HasSuffix("."+ascii, "."+suffix) {
			return "", refused("local name", "has an address whose host ends in .%s, which only a local network knows", suffix)
		}
	}
	return ascii, nil
}

// localNames are the last labels that never name a page of the public web: RFC
// 2606, 6761, 6762, 7686, 8375 and 9476, ICANN's .internal, and what routers and
// company networks use.
const localNames = "localhost local localdomain internal intranet private corp home lan home.arpa test invalid example onion alt"

func notInName(r rune) bool {
	return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.')
}

// isNumber reports whether some reader of addresses takes the label as a number:
// 2130706433, 0177 or 0x7f. No top-level domain is one.
func isNumber(label string) bool {
	digits := "0123456789"
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		label, digits = hex, "0123456789abcdef"
	}
	return strings.Trim(label, digits) == ""
}

// dial is the check that counts: the dialer calls it with the address it is
// about to connect to.
func (g *guard) dial(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return refused("dial of "+address, "is at an address that is not one of the internet")
	}
	if err := g.address(to.Addr()); err != nil || g.allowed(to.Addr()) {
		return err
	}
	if p := to.Port(); p != 80 && p != 443 {
		return wrongPort(p)
	}
	return nil
}

func wrongPort[P string | uint16](port P) *problem {
	return refused(fmt.Sprintf("port %v", port), "is on port %v, and only 80 and 443 are asked", port)
}

func (g *guard) address(ip netip.Addr) error {
	if g.allowed(ip) || g.public.SafeAddr(ip) == nil {
		return nil
	}
	return g.refuse(ip)
}

func (g *guard) allowed(ip netip.Addr) bool { return g.allow != nil && g.allow(ip) }

func (g *guard) refuse(ip netip.Addr) *problem {
	name := "a reserved address"
	for _, c := range g.classes {
		if c.prefix.Contains(ip.WithZone("")) {
			name = c.name
			break
		}
	}
	return refused("dial of "+ip.String(), "is at %s", name)
}
