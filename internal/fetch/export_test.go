package fetch

import "crypto/x509"

// Trust makes the reader accept certificates of these authorities, as the
// system's would be in production.
func (r *Reader) Trust(roots *x509.CertPool) { r.web.TLSClientConfig.RootCAs = roots }

// Starve leaves the sandbox of PDFs so many bytes.
func (r *Reader) Starve(bytes uint32) { r.memory = bytes / (64 << 10) }

// Occupy keeps the reader from reading PDFs until it is released.
func (r *Reader) Occupy() (release func()) {
	r.sandbox <- struct{}{}
	return func() { <-r.sandbox }
}
