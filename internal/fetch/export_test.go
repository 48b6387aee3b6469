package fetch

import (
	"context"
	"crypto/x509"
)

// Check returns the form of an address in which it is asked for, or why it is not.
func (r *Reader) Check(address string) (string, error) {
	u, err := r.guard.parse(address)
	if err != nil {
		return "", err
	}
	return u.String(), nil
}

// Dial checks an address and port as they are dialled.
func (r *Reader) Dial(address string) error {
	return r.guard.dial(context.Background(), "tcp", address, nil)
}

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
