package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheckAsksHealth(t *testing.T) {
	status := http.StatusOK
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.WriteHeader(status)
	}))
	addr := srv.Listener.Addr().String()
	_, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)

	require.NoError(t, check(t.Context(), addr))
	require.NoError(t, check(t.Context(), ":"+port), "all interfaces")
	require.NoError(t, check(t.Context(), "0.0.0.0:"+port), "all interfaces, spelled out")

	status = http.StatusServiceUnavailable
	require.ErrorContains(t, check(t.Context(), addr), "503")

	srv.Close()
	require.Error(t, check(t.Context(), addr), "nobody listens")
	require.ErrorContains(t, check(t.Context(), "8080"), "ADDR")
}
