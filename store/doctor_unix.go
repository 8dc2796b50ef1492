//go:build unix

package store

import "golang.org/x/sys/unix"

// mayWrite tells why files cannot be made in a folder, nil where they can. It makes none.
func mayWrite(folder string) error { return unix.Access(folder, unix.W_OK|unix.X_OK) }
