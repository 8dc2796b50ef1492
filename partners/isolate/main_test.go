//go:build unix

package isolate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/probe"
)

// TestMain makes this program a worker where the pool starts it as one, with the hostile modules of these tests.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == Command {
		if err := Serve(hostile); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) == 2 && os.Args[1] == "parent" {
		parent()
	}
	os.Exit(m.Run())
}

// parent starts a worker, says which, and waits to be killed.
func parent() {
	pool := NewPool(Options{Client: httpcall.New(httpcall.Options{}), Now: time.Now})
	p := partners.Partner{ID: "acme", Probes: []partners.ProbeConfig{{ID: "p", Kind: "fine"}}}
	_, err := pool.Run(context.Background(), p, p.Probes[0])
	fmt.Println(pool.Processes(), err)
	_ = forever()
}

// hostile makes the probes of these tests: the generic ones, and modules that do harm, by kind.
func hostile(_ string, c partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	if deed := deeds()[c.Kind]; deed != nil {
		return func(ctx context.Context) (partners.Finding, error) { return partners.Finding{}, deed(ctx, c, client) }, nil
	}
	if c.Kind == "unmade" {
		return nil, errors.New("there is no such probe")
	}
	return probe.New(c, client)
}

type deed func(ctx context.Context, c partners.ProbeConfig, client *httpcall.Client) error

// deeds are what hostile modules do.
func deeds() map[string]deed {
	all := map[string]deed{
		"fine":   func(context.Context, partners.ProbeConfig, *httpcall.Client) error { return nil },
		"panics": func(context.Context, partners.ProbeConfig, *httpcall.Client) error { panic("no map") },
		"crashes": func(ctx context.Context, _ partners.ProbeConfig, _ *httpcall.Client) error {
			go panic("aside: hunter2hunter2")
			return forever()
		},
		"hangs": func(ctx context.Context, _ partners.ProbeConfig, _ *httpcall.Client) error {
			<-ctx.Done()
			return ctx.Err()
		},
		"deaf": func(context.Context, partners.ProbeConfig, *httpcall.Client) error { return forever() },
		"spins": func(context.Context, partners.ProbeConfig, *httpcall.Client) error {
			for {
				_ = len(os.Args)
			}
		},
		"leaks":   leak,
		"devours": devour,
		"prints": func(context.Context, partners.ProbeConfig, *httpcall.Client) error {
			return flood(os.Stdout, "all is well\n")
		},
		"garbage": func(context.Context, partners.ProbeConfig, *httpcall.Client) error {
			return flood(answers(), "\x00\xffno line")
		},
		"lines": func(context.Context, partners.ProbeConfig, *httpcall.Client) error {
			return flood(answers(), "{\"breaker\":{\"State\":\"open\"}}\n")
		},
		"states": func(context.Context, partners.ProbeConfig, *httpcall.Client) error {
			return flood(answers(), "{\"breaker\":{\"State\":\"ajar\"}}\n")
		},
		"opens": func(context.Context, partners.ProbeConfig, *httpcall.Client) error {
			for n := range 2 * mostHeld {
				fmt.Fprintf(answers(), "{\"breaker\":{\"State\":\"open\",\"Host\":\"h%d %s\",\"Why\":\"%s\"}}\n", n, strings.Repeat("h", 2*mostName), secret)
			}
			return forever()
		},
		"forges": func(context.Context, partners.ProbeConfig, *httpcall.Client) error {
			return flood(answers(), "{\"id\":1,\"result\":{}}\n")
		},
		"hangsup": func(context.Context, partners.ProbeConfig, *httpcall.Client) error {
			_ = syscall.Close(answersFD)
			return forever()
		},
		"shuts": func(context.Context, partners.ProbeConfig, *httpcall.Client) error {
			closeFrom(doorFD)
			return forever()
		},
		"knocks": func(ctx context.Context, _ partners.ProbeConfig, client *httpcall.Client) error {
			for {
				_, _ = client.DialContext(ctx, "tcp", "192.0.2.1:1")
			}
		},
		"leaves": func(context.Context, partners.ProbeConfig, *httpcall.Client) error { os.Exit(0); return nil },
		"fails":  func(context.Context, partners.ProbeConfig, *httpcall.Client) error { os.Exit(3); return nil },
		"odd": func(context.Context, partners.ProbeConfig, *httpcall.Client) error {
			return &partners.Failure{Class: "whatever", Problem: strings.Repeat("ä", 4*mostText)}
		},
	}
	for kind, deed := range trespasses() {
		all[kind] = deed
	}
	return all
}

// closeFrom closes all descriptors from one on.
func closeFrom(first int) {
	for fd := first; fd < 64; fd++ {
		_ = syscall.Close(fd)
	}
}

func answers() *os.File { return os.NewFile(answersFD, "answers") }

func forever() error { select {} }

func flood(to io.Writer, text string) error {
	for {
		if _, err := io.WriteString(to, strings.Repeat(text, 100)); err != nil {
			return forever()
		}
	}
}

// leak grows by what a watcher can see.
func leak(ctx context.Context, _ partners.ProbeConfig, _ *httpcall.Client) error {
	var kept [][]byte
	for ctx.Err() == nil {
		more := make([]byte, 4<<20)
		for i := 0; i < len(more); i += 512 {
			more[i] = 1
		}
		kept = append(kept, more)
		time.After(20 * time.Millisecond)
		<-time.After(20 * time.Millisecond)
	}
	return fmt.Errorf("kept %d pieces", len(kept))
}

// devour grows as fast as the machine can.
func devour(context.Context, partners.ProbeConfig, *httpcall.Client) error {
	var kept [][]byte
	for range 1 << 20 {
		kept = append(kept, make([]byte, 64<<20))
		for i := 0; i < 64<<20; i += 4096 {
			kept[len(kept)-1][i] = 1
		}
	}
	return forever()
}

const secret = "hunter2hunter2"

// firm is a pool with its log, and servers that count who calls.
type firm struct {
	*testing.T
	pool *Pool
	log  *journal
	site *httptest.Server
}

type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func serve(t testing.TB) *httptest.Server {
	t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "at your service") }))
	t.Cleanup(site.Close)
	return site
}

// ask runs one probe of the kind for a partner.
func (f *firm) ask(partner, kind string, set func(*partners.ProbeConfig)) partners.ProbeResult {
	f.Helper()
	p := f.partner(partner, kind, set)
	result, err := f.pool.Run(f.Context(), p, p.Probes[0])
	if err != nil {
		f.Fatalf("%s of %s: %v", kind, partner, err)
	}
	return result
}

func (f *firm) partner(partner, kind string, set func(*partners.ProbeConfig)) partners.Partner {
	c := partners.ProbeConfig{ID: kind, Kind: kind, Timeout: setting.Duration(300 * time.Millisecond)}
	if kind == partners.KindHTTP {
		c.URL, c.Timeout = f.site.URL, setting.Duration(5*time.Second)
	}
	if set != nil {
		set(&c)
	}
	return partners.Partner{ID: partner, Name: strings.ToUpper(partner), Probes: []partners.ProbeConfig{c}}
}

// dialled connects past everything, for what must not be possible.
func dialled(address string) error {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		_ = conn.Close()
	}
	return err
}
