package bot

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"sparky/internal/setting"
)

// TestOverRealSockets is the link with its own dialer against a server on loopback: what the tests in memory cannot
// show is that addresses, proxies and TLS are really used.
func TestOverRealSockets(t *testing.T) {
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprint("TLS ", secure), func(t *testing.T) {
			mux, acked, answered := http.NewServeMux(), make(chan string, 10), make(chan string, 10)
			server := httptest.NewUnstartedServer(mux)
			if secure {
				server.StartTLS()
			} else {
				server.Start()
			}
			defer server.Close()
			mux.HandleFunc("/api/apps.connections.open", func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, `{"ok":true,"url":"%s/link/?ticket=t"}`, strings.Replace(server.URL, "http", "ws", 1))
			})
			mux.HandleFunc("/respond", func(w http.ResponseWriter, r *http.Request) {
				answered <- r.Header.Get("Content-Type")
				fmt.Fprint(w, "ok")
			})
			mux.HandleFunc("/link/", func(w http.ResponseWriter, r *http.Request) {
				serveOneCommand(t, w, r, server.URL+"/respond", acked)
			})
			var proxied atomic.Int32
			f := newFakeSlack(t)
			api := NewAPI(server.Client(), server.URL+"/api", setting.NewSecret("xoxb-1"), setting.NewSecret("xapp-1"))
			inbox := NewInbox(InboxOptions{Runner: runnerFunc(echo), Poster: NewPoster(api, f.logger()), HTTP: server.Client(), Log: f.logger()})
			options := LinkOptions{API: api, Inbox: inbox, Log: f.logger(), Proxy: func(*http.Request) (*url.URL, error) { proxied.Add(1); return nil, nil }}
			if secure {
				options.TLS = server.Client().Transport.(*http.Transport).TLSClientConfig
			}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- NewLink(options).Run(ctx) }()
			for what, c := range map[string]chan string{"acknowledgement": acked, "answer": answered} {
				select {
				case <-c:
				case <-time.After(20 * time.Second):
					t.Errorf("no %s; log: %s", what, f.log.String())
				}
			}
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			if proxied.Load() == 0 {
				t.Error("no proxy was asked for")
			}
		})
	}
}

// serveOneCommand brings a command to a link, notes its acknowledgement and stays until the link is closed.
func serveOneCommand(t *testing.T, w http.ResponseWriter, r *http.Request, respond string, acked chan<- string) {
	c, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		t.Errorf("upgrade: %v", err)
		return
	}
	defer c.Close()
	for _, frame := range []string{`{"type":"hello"}`, strings.Replace(slash("E1", "help"), "https://slack.test/respond/1", respond, 1)} {
		if err := c.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
			t.Errorf("writing: %v", err)
		}
	}
	for {
		_, frame, err := c.ReadMessage()
		if err != nil {
			return
		}
		acked <- string(frame)
	}
}

func TestUntrustedServerIsSaidSo(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	f := newFakeSlack(t)
	f.method["apps.connections.open"] = func(apiCall) apiAnswer {
		return apiAnswer{Body: `{"ok":true,"url":"` + strings.Replace(server.URL, "https", "wss", 1) + `/?ticket=secret-1"}`}
	}
	l := NewLink(LinkOptions{API: f.api(), Inbox: NewInbox(InboxOptions{Log: f.logger()}), Log: f.logger()})
	_, err := l.open(t.Context(), 0)
	if err == nil || !strings.Contains(err.Error(), "certificate") || strings.Contains(err.Error(), "secret-") {
		t.Errorf("err = %v", err)
	}
	l.options.TLS = server.Client().Transport.(*http.Transport).TLSClientConfig
	l.gate = gate{}
	if _, err = l.open(t.Context(), 0); err == nil || !strings.Contains(err.Error(), "404") || strings.Contains(err.Error(), "secret-") {
		t.Errorf("err = %v", err)
	}
}
