package fetch

import "crypto/x509"

// Trust makes the reader accept certificates of these authorities, as the
// system's would be in production.
func (r *Reader) Trust(roots *x509.CertPool) { r.web.TLSClientConfig.RootCAs = roots }
