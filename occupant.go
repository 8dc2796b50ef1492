package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"sparky/commands"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// occupant is who answers at an address that Sparky is to listen on.
type occupant int

// Who may answer.
const (
	occupantStrange occupant = iota // another program, or one that does not answer in time
	occupantSelf                    // the Sparky of the same store
	occupantOther                   // the Sparky of another store
	occupantUntold                  // a Sparky that does not tell which one it is, or this one's store is not known here
)

// errNoSparky is why an answer tells nothing of Sparky.
var errNoSparky = errors.New("it is no answer of Sparky's")

// occupantOf reads an answer of /healthz or /readyz: which Sparky gave it, as one with this configuration sees it, and what it
// said.
func occupantOf(config Config, body []byte) (occupant, commands.Health, error) {
	var said struct {
		commands.Health
		Links *int `json:"slack_links"` // which every Sparky tells
	}
	if json.Unmarshal(body, &said) != nil || said.Links == nil {
		return occupantStrange, commands.Health{}, errNoSparky
	}
	said.LinksUp = *said.Links
	switch ours := config.Store.Instance(); {
	case said.Instance == "" || ours == "":
		return occupantUntold, said.Health, nil
	case said.Instance == ours:
		return occupantSelf, said.Health, nil
	}
	return occupantOther, said.Health, nil
}

// newOccupantClient asks on this machine, where no proxy stands before it.
func newOccupantClient(config Config) *httpcall.Client {
	return httpcall.New(httpcall.Options{Timeout: lookTimeout + time.Second, Retries: -1, Redactor: setting.NewRedactor(config.Secrets()...),
		Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }}) //nolint:nilnil // no proxy
}

// whoListens asks who has the address that the configuration listens on.
func whoListens(ctx context.Context, config Config) occupant {
	address, err := askedAt(config.Listen, "/healthz")
	if err != nil {
		return occupantStrange
	}
	client := newOccupantClient(config)
	defer client.CloseIdleConnections()
	answer, err := client.Do(ctx, httpcall.Request{URL: address})
	if err != nil || answer.Status != http.StatusOK {
		return occupantStrange
	}
	who, _, err := occupantOf(config, answer.Body)
	if err != nil {
		return occupantStrange
	}
	return who
}

// askedAt is where a Sparky that listens so is asked for a path. One that listens on every interface is asked on this machine.
func askedAt(listen, path string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", fmt.Errorf("reading the address that Sparky listens on: %w", err)
	}
	if port == "0" {
		return "", errors.New("listen names port 0, which is another one at each start; write a port to ask at")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip != nil && ip.To4() == nil {
			host = "::1"
		}
	}
	return "http://" + net.JoinHostPort(host, port) + path, nil
}

// ownListen is the mend where another Sparky has the address.
const ownListen = "give each a listen of its own, such as 127.0.0.1:8790, or stop that one"

// explainTaken says of an error of listening which Sparky it is that has the address, where one has.
func explainTaken(ctx context.Context, config Config, err error) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	switch whoListens(ctx, config) {
	case occupantSelf:
		return fmt.Errorf("listening on %s: this Sparky runs already and has it, as sparky health tells; stop that one first", config.Listen)
	case occupantOther:
		return fmt.Errorf("listening on %s: another Sparky, with another store, has it, such as the demo world; %s", config.Listen, ownListen)
	case occupantUntold:
		return fmt.Errorf("listening on %s: an older Sparky has it, of which cannot be told whether it is this one; stop it, or change listen in the configuration", config.Listen)
	}
	return err
}
