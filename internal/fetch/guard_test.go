package fetch_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/persona-api/persona-api/internal/fetch"
)

// Every address goes through the Fetch of production, which dials no address of
// this machine, and whose names a real name server resolves.
func TestAddressesThatMustNotBeFetchedAreRefusedWithTheirReason(t *testing.T) {
	r := fetch.New(fetch.Options{Resolver: names(t, func(name string, _ int) []string {
		return map[string][]string{
			"intern.example.org.":   {"10.20.30.40"},
			"self.example.org.":     {"127.0.0.1"},
			"metadata.example.org.": {"169.254.169.254"},
			"zero.example.org.":     {"0.0.0.0"},
			"router.example.org.":   {"192.168.1.1"},
			"both.example.org.":     {"127.0.0.1", "10.0.0.1"},
		}[name]
	})})
	for _, group := range []struct {
		reason    string
		addresses []string
	}{
		{"is at a loopback address", []string{
			"http://127.0.0.1/", "http://127.0.0.1:80/", "https://127.0.0.1/", "http://127.255.255.254/", "http://[::1]/", "http://[0:0:0:0:0:0:0:1]/",
			"http://127.0.0.1./", "http://１２７.０.０.１/", "http://127。0。0。1/", "http://self.example.org/", "https://self.example.org/",
			"http://SELF.Example.ORG./", "http://both.example.org/",
		}},
		{"is at a private address", []string{
			"http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/", "http://[fc00::1]/",
			"http://[fd12:3456:789a::1]/", "http://[fec0::1]/", "http://intern.example.org/", "http://router.example.org/admin",
		}},
		{"is at a cloud's metadata address", []string{
			"http://169.254.169.254/latest/meta-data/", "http://169.254.170.2/v2/credentials", "http://100.100.100.200/",
			"http://168.63.129.16/machine", "http://192.0.0.192/", "http://[fd00:ec2::254]/", "http://[fd20:ce::254]/", "http://metadata.example.org/",
		}},
		{"is at a link-local address", []string{"http://169.254.1.1/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/"}},
		{"is at an address shared by a provider's customers", []string{"http://100.64.0.1/", "http://100.127.255.254/"}},
		{"is at an unspecified address", []string{"http://0.0.0.0/", "http://0.1.2.3/", "http://[::]/", "http://zero.example.org/"}},
		{"is at a multicast or broadcast address", []string{"http://224.0.0.1/", "http://239.255.255.250/", "http://255.255.255.255/", "http://[ff02::1]/"}},
		{"is at an address for documentation", []string{"http://192.0.2.1/", "http://198.51.100.7/", "http://203.0.113.9/", "http://[2001:db8::1]/", "http://[3fff::1]/"}},
		{"is at an address for measurements", []string{"http://198.18.0.1/", "http://198.19.255.255/"}},
		{"is at a reserved address", []string{"http://240.0.0.1/", "http://192.88.99.1/", "http://[100::1]/", "http://[5f00::1]/"}},
		{"is at an IPv4 address in the clothes of IPv6", []string{
			"http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[::ffff:8.8.8.8]/", "http://[::127.0.0.1]/",
			"http://[64:ff9b::169.254.169.254]/", "http://[64:ff9b:1::10.0.0.1]/", "http://[2002:7f00:1::]/", "http://[2001:0:7f00:1::1]/",
		}},
		{"a number in an unusual form", []string{
			"http://2130706433/", "http://0x7f000001/", "http://017700000001/", "http://127.1/", "http://127.0.1/", "http://0177.0.0.1/",
			"http://0x7f.0.0.1/", "http://127.0.0.01/", "http://1.2.3.4.5/", "http://256.1.1.1/", "http://127.0.0.1.0x/", "http://⑯.①/",
		}},
		{"a name without a domain", []string{"http://localhost/", "http://LOCALHOST:80/", "http://localhost./", "http://intranet/", "http://ⓛocalhost/", "http://ip6-localhost/"}},
		{"ends in .localhost,", []string{"http://app.localhost/", "http://app.localhost./", "http://app。localhost/"}},
		{"ends in .local,", []string{"http://printer.local/", "http://kubernetes.default.svc.cluster.local/"}},
		{"ends in .internal,", []string{"http://metadata.google.internal/computeMetadata/v1/"}},
		{"ends in .home.arpa,", []string{"http://nas.home.arpa/"}},
		{"ends in .lan,", []string{"http://nas.lan/"}},
		{"ends in .onion,", []string{"http://abcdefghijklmnop.onion/"}},
		{"only 80 and 443 are asked", []string{"http://example.org:22/", "http://example.org:8080/", "https://example.org:8443/", "http://example.org:6379/", "http://93.184.215.14:25/"}},
		{"with a user name or a password", []string{"https://ottilie:hunter2@example.org/", "http://example.org@127.0.0.1/", "http://:hunter2@example.org/"}},
		{"does not begin with http:// or https://", []string{
			"file:///etc/passwd", "ftp://example.org/", "gopher://127.0.0.1:6379/_INFO", "javascript:alert(1)", "data:text/plain,hello", "//example.org/", "example.org", "",
		}},
		{"without a host", []string{"http:///etc/passwd", "https://:443/", "http:example.org", "http://./"}},
		{"not a proper name", []string{"http://example..org/", "http://exa$mple.org/", "http://xn--a.example.org/", "http://a,b.example.org/"}},
		{"is not a URL", []string{"http://[::1", "http://example.org:port/", "http://exa mple.org/", "http://example.org\\@127.0.0.1/", "http://ottilie:hunter2@exa mple.org/", "http://%31%32%37.0.0.1%00/"}},
		{"more than 2048 bytes", []string{"http://example.org/" + strings.Repeat("a", 2048)}},
	} {
		for _, address := range group.addresses {
			t.Run(address[:min(len(address), 60)], func(t *testing.T) {
				f := failed(t, r, address)
				require.Contains(t, f.Message, group.reason)
				require.Contains(t, f.Message, "; give the address of a page on the public web")
				require.NotContains(t, f.Error(), "hunter2")
				require.False(t, f.Retryable)
			})
		}
	}
}

func TestPublicAddressesAreNotRefused(t *testing.T) {
	r := fetch.New(fetch.Options{})
	for address, want := range map[string]string{
		"https://example.org":                      "https://example.org",
		" HTTPS://Example.ORG.:443/About?a=b#top ": "https://example.org:443/About?a=b",
		"http://bücher.example.org/":               "http://xn--bcher-kva.example.org/",
		"http://o_varga.example.org:80/":           "http://o_varga.example.org:80/",
		"http://93.184.215.14/":                    "http://93.184.215.14/",
		"http://[2606:2800:21F:CB07:0:0:0:1]:443/": "http://[2606:2800:21f:cb07::1]:443/",
		"https://3com.example.org/":                "https://3com.example.org/",
		"https://localhost.example.org/":           "https://localhost.example.org/",
		"https://example.museum/":                  "https://example.museum/",
	} {
		got, err := r.Check(address)
		require.NoError(t, err, address)
		require.Equal(t, want, got)
	}
	for _, dialled := range []string{"93.184.215.14:443", "172.32.0.1:80", "100.128.0.1:80", "[2606:2800:21f:cb07::1]:80"} {
		require.NoError(t, r.Dial(dialled), dialled)
	}
	for _, dialled := range []string{"93.184.215.14:22", "127.0.0.1:80", "[::ffff:127.0.0.1]:80", "[fe80::1%eth0]:80", "/var/run/docker.sock"} {
		require.Error(t, r.Dial(dialled), dialled)
	}
}

func TestTheAddressThatANameLeadsToIsNotShown(t *testing.T) {
	r := fetch.New(fetch.Options{Resolver: names(t, func(string, int) []string { return []string{"10.20.30.40"} })})
	f := failed(t, r, "http://intern.example.org/")
	require.NotContains(t, f.Message, "10.20")
	require.Contains(t, f.Error(), "10.20.30.40") // the log has it
}

// A name that leads to an open address when it is looked up first and to a closed
// one after that: what counts is what is dialled.
func TestRebindingIsRefusedAtTheDial(t *testing.T) {
	var secrets atomic.Int32
	// The same port on another address of this machine, which the reader may not dial.
	open := serve(t, page("text/plain", "Ottilie Varga, hydrologist"))
	port := portOf(t, open.URL)
	closed := serveOn(t, "127.0.0.2:"+port, func(http.ResponseWriter, *http.Request) { secrets.Add(1) })
	require.NotEqual(t, open.URL, closed.URL)

	r := local(fetch.Options{Resolver: names(t, func(_ string, n int) []string {
		return []string{[]string{"127.0.0.1", "127.0.0.2"}[min(n, 1)]}
	})})
	got, err := r.Fetch(t.Context(), "http://rebind.example.org:"+port+"/")
	require.NoError(t, err)
	require.Equal(t, "Ottilie Varga, hydrologist", got.Text)

	f := failed(t, r, "http://rebind.example.org:"+port+"/")
	require.Contains(t, f.Message, "is at a loopback address")
	require.Zero(t, secrets.Load())
}

// The same within one Fetch, between a page and what it redirects to.
func TestRebindingBehindARedirectIsRefusedAtTheDial(t *testing.T) {
	var secrets atomic.Int32
	var port string
	open := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://rebind.example.org:"+port+"/next")
		w.WriteHeader(http.StatusFound)
	})
	port = portOf(t, open.URL)
	serveOn(t, "127.0.0.2:"+port, func(http.ResponseWriter, *http.Request) { secrets.Add(1) })

	r := local(fetch.Options{Resolver: names(t, func(_ string, n int) []string {
		return []string{[]string{"127.0.0.1", "127.0.0.2"}[min(n, 1)]}
	})})
	f := failed(t, r, "http://rebind.example.org:"+port+"/")
	require.Contains(t, f.Message, "redirects to another, which is at a loopback address")
	require.Zero(t, secrets.Load())
}

func TestOfANamesAddressesOnlyThePublicOnesAreDialled(t *testing.T) {
	var secrets atomic.Int32
	open := serve(t, page("text/plain", "Ottilie Varga, hydrologist"))
	serveOn(t, "127.0.0.2:"+portOf(t, open.URL), func(http.ResponseWriter, *http.Request) { secrets.Add(1) })
	r := local(fetch.Options{Resolver: names(t, func(string, int) []string { return []string{"127.0.0.2", "127.0.0.1"} })})
	got, err := r.Fetch(t.Context(), "http://mixed.example.org:"+portOf(t, open.URL)+"/")
	require.NoError(t, err)
	require.Equal(t, "Ottilie Varga, hydrologist", got.Text)
	require.Zero(t, secrets.Load())
}

func TestANameThatDoesNotExistIsReported(t *testing.T) {
	r := fetch.New(fetch.Options{Resolver: names(t, func(string, int) []string { return nil })})
	f := failed(t, r, "http://nobody.example.org/")
	require.Contains(t, f.Message, "is on a host that does not exist")
	require.False(t, f.Retryable)
}

func portOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u.Port()
}
