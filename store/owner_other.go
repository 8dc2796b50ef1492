//go:build !unix

package store

// handOver does nothing: this system has another way to tell whose a file is.
func handOver(string, ...string) error { return nil }
