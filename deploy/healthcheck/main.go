// Healthcheck asks the server beside it whether it is well: exit code 0 when
// /health answers 200, 1 otherwise. It is what a container's HEALTHCHECK runs
// where there is neither a shell nor curl. ADDR is the server's own setting.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	err := check(ctx, os.Getenv("ADDR"))
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// check asks the server that listens on addr, :8080 when it is empty. A server
// that listens on all interfaces is asked on the local one.
func check(ctx context.Context, addr string) error {
	if addr == "" {
		addr = ":8080"
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("ADDR must be host:port or :port: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/health", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // nothing is read from it
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("/health answers %s; the server's log says why", res.Status)
	}
	return nil
}
