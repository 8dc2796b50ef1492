package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/store"
)

// newSparkyAt is newSparky by other clocks: the program's, and the database's.
func newSparkyAt(ctx context.Context, config Config, log *slog.Logger, now func() time.Time, memories store.Options) (*sparky, error) {
	return newSparkyIn(ctx, config, log, surroundings{now: now, memories: memories, listen: listen})
}

// surroundings are what the program stands in: its clock, that of its database, and the network.
type surroundings struct {
	now      func() time.Time
	memories store.Options
	listen   func(ctx context.Context, address string) (net.Listener, error)
	// dial takes the place of the network's dialler in every client; nil is the network.
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// publicOnly is what the program's clients to partners have in common.
func (s *sparky) publicOnly(redactor setting.Redactor) httpcall.Options {
	options := publicOnly(redactor)
	options.Dial = s.dial
	return options
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w; change listen in the configuration, or stop what uses it", address, err)
	}
	return listener, nil
}
